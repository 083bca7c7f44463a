/* SPDX-License-Identifier: Apache-2.0 */
/* The last lines of a build step's output, where ninja and the like report what failed. */
#ifndef WHERRY_PKG_TAIL_H
#define WHERRY_PKG_TAIL_H

#include <stdbool.h>
#include <stddef.h>

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
/* One of the last lines. */
const char *tail_line(const struct tail *t, size_t i);
/* Log those that are left, up to the line `end`. */
void tail_show(const struct tail *t, size_t end);
bool tail_has(const struct tail *t, const char *text);

#endif
