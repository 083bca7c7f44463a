/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arguments of the small programs. Options are written as Go's, which LinuxKit's programs have:
 * -name VALUE, --name VALUE, -name=VALUE; the word "--" ends them.
 */
#ifndef WHERRY_GUEST_ARGS_H
#define WHERRY_GUEST_ARGS_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

enum { ARGS_MAX = 64, ARG_SIZE_MAX = 4096 }; /* words of a command line, bytes of each */

enum arg_kind {
	ARG_FLAG,  /* bool: without a value */
	ARG_TEXT,  /* const char *: not empty, at most once */
	ARG_TEXTS, /* struct strv: not empty, any number of times */
};

struct arg {
	const char *name; /* without dashes; NULL ends a table */
	enum arg_kind kind;
	void *value; /* of the kind's type; its initial value stays when the option is not there */
};

/*
 * Set the values of the options in argv[1] and what follows it, and add the other words to *words.
 * Texts belong to argv. WERR_USAGE, with the nearest option or all of them as a hint.
 */
int args_parse(
	const struct arg *table, int argc, char **argv, struct strv *words, struct werr **err);
/*
 * A number of bytes, not 0: a plain number, or one with K, M, G or T behind it (powers of 1024).
 * what names it in the error. WERR_USAGE.
 */
int args_size(const char *what, const char *text, uint64_t *ret, struct werr **err);
/* A time, not 0: a number with ms, s, m or h behind it, in ms. The same. */
int args_duration(const char *what, const char *text, uint64_t *ret, struct werr **err);
/*
 * Print "PROGRAM: [FILE:LINE: ]message (hint)" for each error of the list to stderr. Returns the
 * exit code: 0 without an error, 2 for WERR_USAGE, else 1.
 */
int args_report(const char *program, const struct werr *err);

#endif
