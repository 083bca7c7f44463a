/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests that are written only when all blobs below them are in the store. */
#include "store/internal.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

/* A limit on memory: beyond this, manifests are written immediately. */
enum { PENDING_BYTES_MAX = 64 << 20 };

struct pending_blob {
	struct digest digest;
	char *text;
	size_t size;
	bool written;
};

/* Needs the mutex. */
static struct pending_blob *find(struct store *s, const struct digest *d)
{
	for (size_t i = 0; i < s->n_pending; i++)
		if (digest_eq(&s->pending[i].digest, d))
			return &s->pending[i];
	return NULL;
}

bool store_find_pending(
	struct store *s, const struct digest *d, const char **ret_text, size_t *ret_size)
{
	const struct pending_blob *p;

	pthread_mutex_lock(&s->mutex);
	p = find(s, d);
	if (p) {
		*ret_text = p->text;
		*ret_size = p->size;
	}
	pthread_mutex_unlock(&s->mutex);
	return p;
}

int store_put_later(
	struct store *s, const void *p, size_t size, const struct digest *digest, struct werr **err)
{
	bool fits;

	pthread_mutex_lock(&s->mutex);
	fits = size <= PENDING_BYTES_MAX - s->pending_bytes;
	if (fits && !find(s, digest)) {
		char *text = mem_alloc(size + 1);

		memcpy(text, p, size);
		text[size] = 0;
		mem_grow(&s->pending, s->n_pending, &s->cap_pending, sizeof(*s->pending));
		s->pending[s->n_pending++] =
			(struct pending_blob){.digest = *digest, .text = text, .size = size};
		s->pending_bytes += size;
	}
	pthread_mutex_unlock(&s->mutex);
	return fits ? 0 : store_put_as(s, p, size, digest, err);
}

int store_write_pending(struct store *s, const struct digest *d, struct werr **err)
{
	struct pending_blob copy = {.written = true}, *p;
	int r;

	pthread_mutex_lock(&s->mutex);
	p = find(s, d);
	if (p)
		copy = *p;
	pthread_mutex_unlock(&s->mutex);
	if (copy.written)
		return 0;
	r = store_put_as(s, copy.text, copy.size, d, err);
	if (r < 0)
		return r;
	pthread_mutex_lock(&s->mutex);
	find(s, d)->written = true;
	pthread_mutex_unlock(&s->mutex);
	return 0;
}

int store_visit_pending(
	struct store *s, store_pending_visit *visit, const void *ctx, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0; i++) {
		struct digest d = {0};

		pthread_mutex_lock(&s->mutex);
		if (i < s->n_pending)
			d = s->pending[i].digest;
		pthread_mutex_unlock(&s->mutex);
		if (!d.text[0])
			break;
		r = visit(s, &d, ctx, err);
	}
	return r;
}

void store_forget_pending(struct store *s)
{
	for (size_t i = 0; i < s->n_pending; i++)
		free(s->pending[i].text);
	free(s->pending);
	s->pending = NULL;
	s->n_pending = s->cap_pending = 0;
	s->pending_bytes = 0;
}
