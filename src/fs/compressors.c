/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compressors of all parts that are packed at the same time. Each part has threads of its own,
 * and a compressor takes megabytes; there are no more of them than the threads that a build has. A
 * part's buffers take megabytes, too: few parts at once give all threads enough to do.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/pool.h"
#include "fs/fs-impl.h"

enum { PARTS_MAX = 3 };

struct idle {
	const struct packed_format *format;
	void *state;
};

struct fs_compressors {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t max, n; /* how many there may be, and are */
	size_t parts;  /* being packed */
	struct idle *idle;
	size_t n_idle;
};

struct fs_compressors *fs_compressors_new(unsigned threads)
{
	struct fs_compressors *c = mem_new(struct fs_compressors);

	c->max = threads ? threads : pool_processors();
	c->idle = mem_new_array(struct idle, c->max);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
	return c;
}

void fs_compressors_free(struct fs_compressors *c)
{
	while (c->n_idle > 0) {
		const struct idle *i = &c->idle[--c->n_idle];

		i->format->close(i->state);
	}
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	free(c->idle);
	free(c);
}

void fs_compressors_begin_part(struct fs_compressors *c)
{
	pthread_mutex_lock(&c->lock);
	while (c->parts == PARTS_MAX)
		pthread_cond_wait(&c->changed, &c->lock);
	c->parts++;
	pthread_mutex_unlock(&c->lock);
}

void fs_compressors_end_part(struct fs_compressors *c)
{
	pthread_mutex_lock(&c->lock);
	c->parts--;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

/* Take one of this format, or make room for it. False: all are in use. */
static bool take(struct fs_compressors *c, const struct packed_format *f, void **ret)
{
	for (size_t i = c->n_idle; i-- > 0;) {
		if (c->idle[i].format != f)
			continue;
		*ret = c->idle[i].state;
		c->idle[i] = c->idle[--c->n_idle];
		return true;
	}
	if (c->n == c->max && c->n_idle > 0) {
		const struct idle *i = &c->idle[--c->n_idle];

		i->format->close(i->state);
		c->n--;
	}
	if (c->n == c->max)
		return false;
	c->n++;
	return true;
}

void *fs_compressors_take(struct fs_compressors *c, const struct packed_format *f)
{
	void *state = NULL;

	pthread_mutex_lock(&c->lock);
	while (!take(c, f, &state))
		pthread_cond_wait(&c->changed, &c->lock);
	pthread_mutex_unlock(&c->lock);
	if (!state)
		state = f->open();
	if (!state)
		fs_compressors_leave(c, f, NULL);
	return state;
}

void fs_compressors_leave(struct fs_compressors *c, const struct packed_format *f, void *state)
{
	pthread_mutex_lock(&c->lock);
	if (state)
		c->idle[c->n_idle++] = (struct idle){f, state};
	else
		c->n--;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
}
