/* SPDX-License-Identifier: Apache-2.0 */
/* Weights for people, for programs, and as a page for a browser. */
#ifndef WHERRY_CLI_WEIGHTS_SHOW_H
#define WHERRY_CLI_WEIGHTS_SHOW_H

#include "cli/weights.h"

struct weights_shown {
	const struct weights *weights;
	const char *what; /* as the user named it */
	size_t depth, limit;
};

/* Tables: components, packages, directories, files. */
void weights_add_text(struct buf *out, const struct weights_shown *s);
void weights_add_json(struct buf *out, const struct weights_shown *s);
/* A page that needs nothing else: a treemap, and the tables. */
void weights_add_page(struct buf *out, const struct weights_shown *s);
/* "2026-12-01 12:00 UTC" */
const char *weights_time(int64_t since, char ret[static 32]);

#endif
