/* SPDX-License-Identifier: Apache-2.0 */
/* The last lines of a build step's output, where ninja and the like report what failed. */
#ifndef WHERRY_PKG_TAIL_H
#define WHERRY_PKG_TAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/progress.h"

enum { TAIL_LINES = 12 };

struct tail {
	const struct progress *progress; /* told each line, for the step "package" of this name */
	const char *progress_name;
	char *lines[TAIL_LINES];
	size_t n; /* number of all lines */
};
void tail_cleanup(struct tail *t);

/* For process_spec.line; ctx: a struct tail. */
void tail_add(const char *line, void *ctx);
/*
 * Report a failed command: its last line goes into the error (WERR_FAILED), and the lines before it
 * are logged (unless it was Ctrl-C).
 */
void tail_explain(const struct tail *t, struct werr **err);
bool tail_has(const struct tail *t, const char *text);

#endif
