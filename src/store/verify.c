/* SPDX-License-Identifier: Apache-2.0 */
/* Checking everything in the store. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/str.h"
#include "store/dir.h"
#include "store/piece-impl.h"
#include "store/walk.h"

/* A blob or a piece. */
struct blob {
	struct descriptor d; /* digest (a piece's key) and size */
	bool piece;
	bool damaged;
};

struct verify {
	struct store *store;
	struct blob *blobs;
	size_t n, cap;
	const struct progress *progress;
	_Atomic uint64_t done;
	struct blob_set damaged;
	struct store_check check;
};

static int list(
	struct verify *v, const struct digest *digest, uint64_t size, bool piece, struct werr **err)
{
	if (v->n >= BLOB_SET_MAX)
		return werr_set(err, WERR_LIMIT, "more than %d blobs", BLOB_SET_MAX);
	mem_grow(&v->blobs, v->n, &v->cap, sizeof(*v->blobs));
	v->blobs[v->n++] = (struct blob){.d = {.digest = *digest, .size = size}, .piece = piece};
	v->check.bytes += size;
	return 0;
}

/* A store_blob_visit. */
static int list_blob(ATTR_UNUSED int dir_fd, const struct digest *digest, uint64_t size, void *ctx,
	struct werr **err)
{
	struct verify *v = ctx;

	v->check.blobs++;
	return list(v, digest, size, false, err);
}

/*
 * A store_piece_visit. An unfinished piece belongs to a running build, or is removed by the next
 * trimming.
 */
static int list_piece(
	ATTR_UNUSED int dir_fd, const struct kept_piece *piece, void *ctx, struct werr **err)
{
	struct verify *v = ctx;

	if (!piece->key)
		return 0;
	v->check.pieces++;
	return list(v, piece->key, piece->size, true, err);
}

/* Only wrong bytes are damage; a disk that can't be read is an error. */
static int read_blob(struct verify *v, struct blob *b, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	CLEANUP(reader) struct reader *reader = NULL;
	int r = store_open_blob(v->store, &b->d, &reader, &why);

	if (r == 0)
		r = reader_drain(reader, &why);
	b->damaged = r == -EBADMSG;
	/* Removed since it was listed, so it was not needed. */
	if (r == 0 || b->damaged || r == -ENOENT)
		return 0;
	werr_pass(err, STEAL(why));
	return r;
}

/* A pool_job. */
static int check_blob(void *ctx, size_t i, struct werr **err)
{
	struct verify *v = ctx;
	struct blob *b = &v->blobs[i];
	uint64_t done;
	int r = 0;

	if (b->piece)
		b->damaged = store_piece_is_damaged(v->store, &b->d.digest);
	else
		r = read_blob(v, b, err);
	done = atomic_fetch_add(&v->done, b->d.size) + b->d.size;
	progress_report(
		v->progress, PROGRESS_ADVANCE, "verify", v->store->dir, done, v->check.bytes);
	return r;
}

static struct store_problem *problem_of(
	struct store_check *c, const struct digest *digest, bool missing)
{
	struct store_problem *p;

	for (size_t i = 0; i < c->n; i++)
		if (digest_eq(&c->problems[i].digest, digest))
			return &c->problems[i];
	mem_grow(&c->problems, c->n, &c->cap, sizeof(*c->problems));
	p = &c->problems[c->n++];
	p->digest = *digest;
	p->missing = missing;
	return p;
}

struct look {
	struct verify *verify;
	const char *name;
	bool noted;
};

static void note(struct look *l, const struct digest *digest, bool missing)
{
	struct store_problem *p = problem_of(&l->verify->check, digest, missing);

	if (!strv_has(&p->images, l->name))
		strv_add(&p->images, l->name);
	l->noted = true;
}

/* Record the image with each blob that is damaged, or missing where it should not be. */
static int note_problem(struct walk *w, const struct descriptor *d, struct werr **err)
{
	struct look *l = w->ctx;
	bool damaged = blob_set_get(&l->verify->damaged, &d->digest) >= 0;
	int r = walk_is_there(w, d, err);
	bool missing = r == -ENOENT;

	if (damaged || (missing && !w->in_index))
		note(l, &d->digest, missing);
	return r;
}

static int look_at_images(struct verify *v, struct werr **err)
{
	CLEANUP(manifest) struct manifest *index = NULL;
	int r = store_read_names(v->store, &index, err);

	for (size_t i = 0; r == 0 && i < index->n; i++) {
		CLEANUP(free) char *name = store_entry_name(&index->items[i]);
		struct look l = {.verify = v, .name = name ? name : index->items[i].digest.text};
		struct walk w = {.store = v->store,
			.visit = note_problem,
			.ctx = &l,
			.mode = WALK_HERE_WELL};

		r = walk_image(&w, &index->items[i], err);
		/* An index none of whose images is in the store is useless. */
		if (r == 0 && !w.whole && !l.noted && w.missing.text[0])
			note(&l, &w.missing, true);
		walk_cleanup(&w);
	}
	return r;
}

/* Add damaged blobs, whether an image needs them or not. */
static int note_damaged(struct verify *v, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < v->n; i++) {
		if (!v->blobs[i].damaged)
			continue;
		problem_of(&v->check, &v->blobs[i].d.digest, false)->piece = v->blobs[i].piece;
		if (v->blobs[i].piece)
			continue;
		r = blob_set_put(&v->damaged, &v->blobs[i].d.digest, 1, err);
	}
	return r;
}

static int by_digest(const void *a, const void *b)
{
	return strcmp(((const struct store_problem *)a)->digest.text,
		((const struct store_problem *)b)->digest.text);
}

static int verify(struct verify *v, struct werr **err)
{
	int r = store_hold_to_read(v->store, err);

	if (r == 0)
		r = store_visit_blobs(v->store, list_blob, v, err);
	if (r == 0)
		r = store_visit_pieces(v->store, list_piece, v, err);
	if (r == 0)
		r = pool_run(0, v->n, check_blob, v, err);
	if (r == 0)
		r = note_damaged(v, err);
	if (r == 0)
		r = look_at_images(v, err);
	if (r == 0 && v->check.n > 0)
		qsort(v->check.problems, v->check.n, sizeof(*v->check.problems), by_digest);
	return r;
}

int store_verify(struct store *s, const struct progress *progress, struct store_check *ret,
	struct werr **err)
{
	struct verify v = {.store = s, .progress = progress};
	int r;

	progress_report(progress, PROGRESS_BEGIN, "verify", s->dir, 0, 0);
	r = verify(&v, err);
	progress_report(progress, PROGRESS_END, "verify", s->dir, v.done, v.check.bytes);
	if (r == 0)
		*ret = v.check;
	else
		store_check_cleanup(&v.check);
	free(v.blobs);
	blob_set_cleanup(&v.damaged);
	return r;
}

/* Damaged means read and found wrong, not unreadable or interrupted. */
static int is_damaged_blob(
	struct store *s, const struct digest *digest, bool *ret, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	struct descriptor d = {.digest = *digest};
	int r = store_blob_size(s, digest, &d.size, &why);

	if (r == 0)
		r = store_check_blob(s, &d, &why);
	*ret = r == -EBADMSG;
	if (r == 0 || r == -EBADMSG || r == -ENOENT)
		return 0;
	werr_pass(err, STEAL(why));
	return r;
}

static int remove_damaged_piece(struct store *s, const struct digest *key, struct werr **err)
{
	CLEANUP(free) char *path = store_piece_path(s, key);

	if (!store_piece_is_damaged(s, key))
		return 0;
	log_detail("remove %s", path);
	if (unlink(path) < 0 && errno != ENOENT)
		return werr_errno(err, errno, "can't remove %s", path);
	return 0;
}

/* It may have been repaired since. */
static int remove_damaged_blob(struct store *s, const struct digest *digest, struct werr **err)
{
	bool damaged = false;
	int fd, r = is_damaged_blob(s, digest, &damaged, err);

	if (r < 0 || !damaged)
		return r;
	log_detail("remove blob %s", digest->text);
	r = store_blobs_fd(s, digest, false, &fd, err);
	if (r < 0)
		return r;
	if (unlinkat(fd, digest_hex(digest), 0) < 0 && errno != ENOENT)
		return werr_errno(err, errno, "can't remove blob %s", digest->text);
	return 0;
}

int store_remove_damaged(struct store *s, const struct store_check *check, struct werr **err)
{
	CLEANUP(fd) int lock = -1;
	int r = store_lock_for_upkeep(s, &lock, err);

	for (size_t i = 0; r == 0 && i < check->n; i++)
		if (!check->problems[i].missing)
			r = (check->problems[i].piece ? remove_damaged_piece : remove_damaged_blob)(
				s, &check->problems[i].digest, err);
	return r;
}

void store_check_cleanup(struct store_check *c)
{
	for (size_t i = 0; i < c->n; i++)
		strv_clear(&c->problems[i].images);
	free(c->problems);
	*c = (struct store_check){0};
}
