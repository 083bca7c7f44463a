/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the lines of one stream, or those of all in the order of their times, now or as they
 * come. */
#ifndef WHERRY_GUEST_LINES_H
#define WHERRY_GUEST_LINES_H

#include "common/env.h"
#include "log/ring.h"

struct lines {
	const struct env *env;
	char *name;        /* the stream's; NULL: all */
	uint64_t *cursors; /* one for each stream, in the order of env->streams */
	size_t n;
};

/* Is there a stream of that name? There are others than those of containers. */
bool lines_exist(const struct env *env, const char *name);
/* From the last so many lines of each on; 0: only what comes. */
void lines_begin(struct lines *r, const struct env *env, const char *name, unsigned last);
/* The next line, and whose it is; false: there is none at present. */
bool lines_next(struct lines *r, struct ring_line *ret, const char **ret_name);
void lines_end(struct lines *r);

#endif
