/* SPDX-License-Identifier: Apache-2.0 */
#include "log/lines.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "log/stream.h"

/* A stream added since the last call is read from its beginning. */
static void keep_up(struct lines *r)
{
	if (r->n == r->env->n_streams)
		return;
	r->cursors = mem_resize(r->cursors, r->env->n_streams + 1, sizeof(*r->cursors));
	while (r->n < r->env->n_streams)
		r->cursors[r->n++] = 0;
}

bool lines_exist(const struct env *env, const char *name)
{
	for (size_t i = 0; i < env->n_streams; i++)
		if (str_eq(env->streams[i]->name, name))
			return true;
	return false;
}

bool lines_next(struct lines *r, struct ring_line *ret, const char **ret_name)
{
	uint64_t best_ms = 0, ms;
	size_t best = SIZE_MAX;

	keep_up(r);
	for (size_t i = 0; i < r->n; i++) {
		const struct stream *s = r->env->streams[i];

		if (r->name && !str_eq(r->name, s->name))
			continue;
		if (ring_peek(&s->ring, &r->cursors[i], &ms) &&
			(best == SIZE_MAX || ms < best_ms)) {
			best = i;
			best_ms = ms;
		}
	}
	if (best == SIZE_MAX)
		return false;
	*ret_name = r->env->streams[best]->name;
	return ring_next(&r->env->streams[best]->ring, &r->cursors[best], ret);
}

/* Each stream stands at its last lines: go on to the last so many of all together. */
static void skip_all_but(struct lines *r, unsigned last)
{
	CLEANUP(free) uint64_t *begin = mem_dup(r->cursors, (r->n + 1) * sizeof(*begin));
	struct ring_line line;
	const char *name;
	uint64_t n = 0;

	while (lines_next(r, &line, &name))
		n++;
	memcpy(r->cursors, begin, r->n * sizeof(*begin));
	for (; n > last && lines_next(r, &line, &name); n--)
		continue;
}

void lines_begin(struct lines *r, const struct env *env, const char *name, unsigned last)
{
	*r = (struct lines){.env = env, .name = str_dup(name)};
	keep_up(r);
	for (size_t i = 0; i < r->n; i++)
		r->cursors[i] = ring_last(&env->streams[i]->ring, last, 0);
	/* The default is all that there are. */
	if (last < LINES_ALL)
		skip_all_but(r, last);
}

void lines_end(struct lines *r)
{
	free(r->name);
	free(r->cursors);
	*r = (struct lines){0};
}
