/* SPDX-License-Identifier: Apache-2.0 */
/* The program modprobe: loads modules by name or alias. */
#ifndef WHERRY_GUEST_MODPROBE_H
#define WHERRY_GUEST_MODPROBE_H

#include "base/error.h"
#include "base/str.h"
#include "init/load.h"

/*
 * What the words of the command line name: a word KEY=VALUE is a parameter of the module before it.
 * ret has room for words->n; the number of names is *ret_n. Parameters are kept in *texts.
 * WERR_USAGE for a parameter without a module.
 */
int modprobe_parse(const struct strv *words, struct load_name *ret, size_t *ret_n,
	struct strv *texts, struct werr **err);

/*
 * modprobe [-a] [-q] [-v] NAME [KEY=VALUE...]...: the kernel calls it for what it misses
 * ("modprobe -q -- fs-overlay"). Exit code 1 when one of them can't be loaded; -q does not say why.
 */
int modprobe_main(int argc, char **argv);

#endif
