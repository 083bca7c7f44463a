/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the lines of one stream, or of all streams by time, those that exist and those to come.
 */
#ifndef WHERRY_GUEST_LINES_H
#define WHERRY_GUEST_LINES_H

#include "common/env.h"
#include "log/ring.h"

enum { LINES_ALL = 1000000 };

struct lines {
	const struct env *env;
	char *name;        /* of the stream to read; NULL: all of them */
	uint64_t *cursors; /* one per stream, in the order of env->streams */
	size_t n;
};

/* Is there a stream of that name? Not every stream belongs to a container. */
bool lines_exist(const struct env *env, const char *name);
/*
 * Begin with the last so many lines of the stream, or of all together; LINES_ALL: with all that are
 * kept; 0: with the next one to come.
 */
void lines_begin(struct lines *r, const struct env *env, const char *name, unsigned last);
/* The next line, and the name of its stream; false: there is none yet. */
bool lines_next(struct lines *r, struct ring_line *ret, const char **ret_name);
void lines_end(struct lines *r);

#endif
