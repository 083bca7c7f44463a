/* SPDX-License-Identifier: Apache-2.0 */
/* The program loopy, LinuxKit's name: makes a file and attaches it to a loop device. */
#ifndef WHERRY_GUEST_LOOPY_H
#define WHERRY_GUEST_LOOPY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* What the command line asks for. */
struct loopy {
	const char *file, *device; /* absolute paths */
	uint64_t size;             /* bytes of a new file */
	bool create;               /* the file, if it does not exist */
};

/*
 * Read [-c|--create] [-s|--size MIB] [-d|--dev DEVICE] FILE. *words is what the result points into.
 * WERR_USAGE.
 */
int loopy_parse(int argc, char **argv, struct strv *words, struct loopy *ret, struct werr **err);

/*
 * Attach the file. The device stays when the program ends.
 */
int loopy_main(int argc, char **argv);

#endif
