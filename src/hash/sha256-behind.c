/* SPDX-License-Identifier: Apache-2.0 */
/* A hash that another thread computes, so that writing a large file does not wait for it. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "hash/sha256.h"

enum { SLOTS = 8, SLOT = 256 << 10 };

/* Bytes to be hashed, followed by a number of zeros. */
struct slot {
	size_t size;
	uint64_t zeros;
	unsigned char bytes[SLOT];
};

struct behind_writer {
	struct writer writer, *to;
	struct sha256 *hash;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	uint64_t put, taken; /* slots; at most SLOTS are in between */
	bool is_over;
	/* Of the thread that writes. */
	uint64_t skipped; /* bytes */
	bool *too_sparse;
	struct slot *filling; /* by the thread that writes: what comes after those put; or NULL */
	struct slot slots[SLOTS];
};

static void hash_slot(struct sha256 *h, const struct slot *s)
{
	if (s->size)
		sha256_add(h, s->bytes, s->size);
	/* An interruption is noticed in the end. */
	if (s->zeros)
		(void)sha256_add_zeros(h, s->zeros, NULL);
}

static void *hash_all(void *arg)
{
	struct behind_writer *w = arg;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (w->put == w->taken && !w->is_over)
			pthread_cond_wait(&w->changed, &w->lock);
		if (w->put == w->taken)
			break;
		pthread_mutex_unlock(&w->lock);
		hash_slot(w->hash, &w->slots[w->taken % SLOTS]);
		pthread_mutex_lock(&w->lock);
		w->taken++;
		pthread_cond_signal(&w->changed);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* The slot that is being filled, for the thread that writes. */
static struct slot *next_slot(struct behind_writer *w)
{
	if (w->filling)
		return w->filling;
	pthread_mutex_lock(&w->lock);
	while (w->put - w->taken == SLOTS)
		pthread_cond_wait(&w->changed, &w->lock);
	pthread_mutex_unlock(&w->lock);
	w->filling = &w->slots[w->put % SLOTS];
	w->filling->size = 0;
	w->filling->zeros = 0;
	return w->filling;
}

static void put_slot(struct behind_writer *w)
{
	pthread_mutex_lock(&w->lock);
	w->filling = NULL;
	w->put++;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

static int behind_write(struct writer *writer, const void *p, size_t size, struct werr **err)
{
	struct behind_writer *w = CONTAINER_OF(writer, struct behind_writer, writer);

	for (size_t done = 0, n; done < size && !*w->too_sparse; done += n) {
		struct slot *s = next_slot(w);

		n = size - done < SLOT - s->size ? size - done : SLOT - s->size;
		memcpy(s->bytes + s->size, (const char *)p + done, n);
		s->size += n;
		if (s->size == SLOT)
			put_slot(w);
	}
	return writer_write(w->to, p, size, err);
}

static int behind_skip(struct writer *writer, uint64_t n, struct werr **err)
{
	struct behind_writer *w = CONTAINER_OF(writer, struct behind_writer, writer);

	*w->too_sparse |= n > SHA256_HOLES_MAX - w->skipped;
	if (!*w->too_sparse) {
		w->skipped += n;
		next_slot(w)->zeros = n;
		put_slot(w);
	}
	return writer_skip(w->to, n, err);
}

static void stop(struct behind_writer *w)
{
	if (!w->has_thread)
		return;
	if (w->filling)
		put_slot(w);
	pthread_mutex_lock(&w->lock);
	w->is_over = true;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	w->has_thread = false;
}

static int behind_finish(struct writer *writer, struct werr **err)
{
	struct behind_writer *w = CONTAINER_OF(writer, struct behind_writer, writer);
	int r;

	stop(w);
	r = writer_finish(w->to, err);
	/* Then the hash is not complete. */
	return r < 0 ? r : cancel_check(err);
}

static void behind_free(struct writer *writer)
{
	struct behind_writer *w = CONTAINER_OF(writer, struct behind_writer, writer);

	stop(w);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

struct writer *sha256_behind_writer_new(struct writer *to, struct sha256 *h, bool *ret_too_sparse)
{
	struct behind_writer *w = mem_new(struct behind_writer);

	w->writer = (struct writer){behind_write, behind_finish, behind_free, behind_skip};
	w->to = to;
	w->hash = h;
	w->too_sparse = ret_too_sparse;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	w->has_thread = pthread_create(&w->thread, NULL, hash_all, w) == 0;
	if (w->has_thread)
		return &w->writer;
	behind_free(&w->writer);
	return sha256_writer_new(to, h);
}
