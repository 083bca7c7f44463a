/* SPDX-License-Identifier: Apache-2.0 */
/* One blob of an image that is pushed. */
#include <stdatomic.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/push.h"

struct blob_push {
	struct push *push;
	const struct descriptor *d;
	const char *name; /* for the progress display */
	uint64_t done;
};

static int skip_bytes(struct reader *r, uint64_t n, struct werr **err)
{
	CLEANUP(free) char *chunk = mem_alloc(IO_CHUNK);
	int result = 0;

	while (result == 0 && n > 0) {
		size_t part = n < IO_CHUNK ? (size_t)n : IO_CHUNK;

		result = reader_read_full(r, chunk, part, err);
		n -= part;
	}
	return result;
}

/* Always read from the beginning, so that a damaged blob is noticed and not passed on. */
static int open_source(
	const struct http_source *s, uint64_t offset, struct reader **ret, struct werr **err)
{
	const struct blob_push *b = s->ctx;
	CLEANUP(reader) struct reader *reader = NULL;
	int r = store_open_blob(b->push->store, b->d, &reader, err);

	if (r == 0)
		r = skip_bytes(reader, offset, err);
	if (r == 0)
		*ret = STEAL(reader);
	return r;
}

static void moved(void *ctx, uint64_t bytes)
{
	struct blob_push *b = ctx;
	struct push *p = b->push;

	if (bytes <= b->done)
		return;
	atomic_fetch_add(&p->done, bytes - b->done);
	b->done = bytes;
	progress_report(p->options->progress, PROGRESS_ADVANCE, "blob", b->name, bytes, b->d->size);
	progress_report(p->options->progress, PROGRESS_ADVANCE, "push", p->name,
		atomic_load(&p->done), p->total);
}

/* Blobs that the registry has, or can take from another of its repositories, are not sent. */
static bool is_there(struct push *p, const struct descriptor *d, int *ret, struct werr **err)
{
	const char *from = push_source_of(&p->sources, &d->digest);
	bool there = false;

	*ret = remote_has_blob(p->remote, d, &there, err);
	if (*ret < 0 || there || !from)
		return there;
	/* The registry may not allow that; then the blob is sent. */
	if (remote_mount_blob(p->remote, d, from, &there, NULL) == 0 && there)
		log_detail("blob %s is taken from %s", d->digest.text, from);
	return there;
}

int push_blob_job(void *ctx, size_t i, struct werr **err)
{
	struct push *p = ctx;
	const struct descriptor *d = &p->list.blobs[i];
	CLEANUP(free) char *name = str_dup_n(digest_hex(&d->digest), 12);
	struct blob_push b = {p, d, name, 0};
	const struct http_source blob = {.open = open_source, .ctx = &b, .size = d->size};
	int r;

	if (is_there(p, d, &r, err)) {
		moved(&b, d->size);
		return 0;
	}
	if (r < 0)
		return r;
	progress_begin_part(p->options->progress, "blob", name, d->size, p->name);
	r = remote_put_blob(p->remote, d, &blob, moved, &b, err);
	progress_report(
		p->options->progress, PROGRESS_END, "blob", name, r < 0 ? 0 : d->size, d->size);
	return r;
}
