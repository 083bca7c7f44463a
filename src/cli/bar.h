/* SPDX-License-Identifier: Apache-2.0 */
/* A step's progress as one line of a terminal. */
#ifndef WHERRY_CLI_BAR_H
#define WHERRY_CLI_BAR_H

#include "base/buf.h"
#include "cli/rate.h"

struct bar {
	const char *what, *name; /* as in struct progress_event, of any length */
	const char *detail;
	uint64_t done, total; /* bytes; total 0: not known */
	uint64_t rate;        /* bytes for each second; 0: not known */
	uint64_t seconds;     /* how long it has taken */
};

/*
 * Append the line, without a newline, in at most `width` columns: what does not fit is left out,
 * the bar first, the name last.
 */
void bar_add(struct buf *out, const struct bar *b, size_t width);

#endif
