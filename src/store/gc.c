/* SPDX-License-Identifier: Apache-2.0 */
/* Removing the blobs that nothing names. */
#include <errno.h>
#include <unistd.h>

#include "base/atomic-file.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/dir.h"
#include "store/piece.h"
#include "store/walk.h"

enum {
	SWEEP_WAIT_MS = 1000,   /* an import may take minutes: don't wait for its end */
	GC_WAIT_MS = 10 * 1000, /* a user who asks for it can wait a little */
};

/* A manifest that can't be read may name any blob: then nothing is garbage. */
static int keep_all(const struct descriptor *d, int r, struct werr **err)
{
	CLEANUP(free) char *name = store_entry_name(d);

	if (r == -ECANCELED)
		return r;
	werr_wrap(err, "no blob is removed, because image %s can't be read",
		name ? name : d->digest.text);
	werr_hint(err,
		"find what is damaged with: wherry cache verify; repair it with --repair or a "
		"new import, or remove the image with: wherry cache rm %s",
		name ? name : d->digest.text);
	return r;
}

/*
 * Walk everything that index.json names, including entries of other programs without a known name.
 */
static int mark(struct store *s, struct walk *w, struct werr **err)
{
	CLEANUP(manifest) struct manifest *index = NULL;
	int r = store_read_names(s, &index, err);

	for (size_t i = 0; r == 0 && i < index->n; i++) {
		r = walk_image(w, &index->items[i], err);
		if (r < 0)
			return keep_all(&index->items[i], r, err);
	}
	return r;
}

struct sweep {
	const struct blob_set *marked;
	struct store_garbage *garbage;
};

/* A store_blob_visit. */
static int remove_unmarked(
	int dir_fd, const struct digest *digest, uint64_t size, void *ctx, struct werr **err)
{
	struct sweep *s = ctx;

	if (blob_set_get(s->marked, digest) >= 0)
		return 0;
	log_detail("remove blob %s", digest->text);
	if (unlinkat(dir_fd, digest_hex(digest), 0) < 0) {
		if (errno == ENOENT || errno == EISDIR)
			return 0; /* the store has no directories here */
		return werr_errno(err, errno, "can't remove blob %s", digest->text);
	}
	s->garbage->blobs++;
	s->garbage->bytes += size;
	return 0;
}

/* A file_visit. */
static int remove_leftover(
	int dir_fd, const char *name, ATTR_UNUSED void *ctx, ATTR_UNUSED struct werr **err)
{
	if (file_is_leftover(name, "index.json") && unlinkat(dir_fd, name, 0) < 0)
		log_debug("can't remove %s from the store", name);
	return 0;
}

static int remove_leftovers(struct store *s, struct werr **err)
{
	CLEANUP(fd) int lock = -1;
	int r = store_lock_names(s, &lock, err);

	return r < 0 ? r : file_visit_fd(s->dir_fd, remove_leftover, NULL, err);
}

/* Needs the lock on the blobs. */
static int collect(struct store *s, struct store_garbage *ret, struct werr **err)
{
	struct walk w = {.store = s, .visit = walk_is_there, .mode = WALK_HERE};
	struct sweep sweep = {.marked = &w.seen, .garbage = ret};
	int r = mark(s, &w, err);

	if (r == 0)
		r = store_visit_blobs(s, remove_unmarked, &sweep, err);
	if (r == 0)
		store_clear_ingest(s);
	if (r == 0)
		r = remove_leftovers(s, err);
	walk_cleanup(&w);
	return r;
}

int store_sweep(struct store *s, struct werr **err)
{
	struct store_garbage garbage = {0};
	CLEANUP(fd) int lock = -1;
	int r = store_lock_blobs(s, SWEEP_WAIT_MS, &lock, err);

	if (r < 0)
		return r;
	if (lock >= 0) {
		r = collect(s, &garbage, err);
		s->freed.blobs += garbage.blobs;
		s->freed.bytes += garbage.bytes;
		return r;
	}
	log_info("another process is using the store %s: blobs that are no longer needed stay "
		 "until the next removal",
		s->dir);
	return 0;
}

int store_lock_for_upkeep(struct store *s, int *ret_fd, struct werr **err)
{
	int r = store_lock_blobs(s, GC_WAIT_MS, ret_fd, err);

	if (r < 0 || *ret_fd >= 0)
		return r;
	r = werr_set(err, WERR_TIMEOUT, "other processes are using the store %s", s->dir);
	werr_hint(err, "try again when they are done");
	return r;
}

int store_gc(struct store *s, struct store_garbage *ret, struct werr **err)
{
	struct store_garbage garbage = {0};
	CLEANUP(fd) int lock = -1;
	int r = store_lock_for_upkeep(s, &lock, err);

	if (r == 0)
		r = collect(s, &garbage, err);
	if (r == 0)
		*ret = garbage;
	return r;
}

int store_clean(struct store *s, struct werr **err)
{
	struct store_garbage pieces;
	int r = store_drop_names(s, err);

	if (r == 0)
		r = store_trim_pieces(s, PIECES_MAX_SECONDS, 0, &pieces, err);
	if (r < 0)
		return r;
	s->freed.blobs += pieces.blobs;
	s->freed.bytes += pieces.bytes;
	return store_sweep(s, err);
}

struct store_garbage store_freed(const struct store *s)
{
	return s->freed;
}
