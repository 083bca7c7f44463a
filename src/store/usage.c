/* SPDX-License-Identifier: Apache-2.0 */
/* Disk usage of the images, each and in total. */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/dir.h"
#include "store/piece-impl.h"
#include "store/walk.h"

enum { USED_ONCE = 1, USED_OFTEN };

struct measure {
	struct store *store;
	struct blob_set users; /* whether one or several images have a blob: USED_* */
	struct store_usage usage;
};

/* Visit the blobs of an image by their digests: d's size may be wrong. */
static int for_each_blob(struct measure *m, const struct store_entry *e,
	int (*visit)(struct walk *w, const struct descriptor *d, struct werr **err), void *ctx,
	struct werr **err)
{
	struct walk w = {.store = m->store, .visit = visit, .ctx = ctx, .mode = WALK_HERE_WELL};
	int r = walk_image(&w, &e->descriptor, err);

	walk_cleanup(&w);
	return r;
}

static int count_user(struct walk *w, const struct descriptor *d, struct werr **err)
{
	struct measure *m = w->ctx;
	int r = walk_is_there(w, d, err);

	if (r < 0)
		return r;
	return blob_set_put(&m->users, &d->digest,
		blob_set_get(&m->users, &d->digest) < 0 ? USED_ONCE : USED_OFTEN, err);
}

struct add_up {
	struct measure *measure;
	struct store_use *use;
};

static int add_blob(struct walk *w, const struct descriptor *d, struct werr **err)
{
	struct add_up *a = w->ctx;
	uint64_t size = 0;
	int r = store_blob_size(w->store, &d->digest, &size, err);

	if (r < 0)
		return r;
	a->use->total += size;
	if (blob_set_get(&a->measure->users, &d->digest) == USED_ONCE)
		a->use->unique += size;
	return 0;
}

/* A store_blob_visit. */
static int add_to_whole(ATTR_UNUSED int dir_fd, const struct digest *digest, uint64_t size,
	void *ctx, ATTR_UNUSED struct werr **err)
{
	struct measure *m = ctx;

	m->usage.total += size;
	if (blob_set_get(&m->users, digest) < 0)
		m->usage.unused += size;
	return 0;
}

/* A store_piece_visit. */
static int add_piece(ATTR_UNUSED int dir_fd, const struct kept_piece *piece, void *ctx,
	ATTR_UNUSED struct werr **err)
{
	struct measure *m = ctx;

	m->usage.pieces += piece->size;
	return 0;
}

static int measure_image(struct measure *m, const struct store_entry *e, struct werr **err)
{
	struct store_usage *u = &m->usage;
	struct add_up a = {.measure = m};

	mem_grow(&u->images, u->n, &u->cap, sizeof(*u->images));
	a.use = &u->images[u->n++];
	a.use->name = str_dup(e->name);
	return for_each_blob(m, e, add_blob, &a, err);
}

/* Two passes: whether a blob has only one user is known when all images have been visited. */
static int measure_all(struct measure *m, const struct store_entries *entries, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < entries->n; i++)
		r = for_each_blob(m, &entries->items[i], count_user, m, err);
	for (size_t i = 0; r == 0 && i < entries->n; i++)
		r = measure_image(m, &entries->items[i], err);
	if (r == 0)
		r = store_visit_blobs(m->store, add_to_whole, m, err);
	return r < 0 ? r : store_visit_pieces(m->store, add_piece, m, err);
}

int store_measure(struct store *s, struct store_usage *ret, struct werr **err)
{
	struct measure m = {.store = s};
	struct store_entries entries = {0};
	int r = store_hold_to_read(s, err);

	if (r == 0)
		r = store_list(s, &entries, err);
	if (r == 0)
		r = measure_all(&m, &entries, err);
	if (r == 0)
		*ret = m.usage;
	else
		store_usage_cleanup(&m.usage);
	store_entries_cleanup(&entries);
	blob_set_cleanup(&m.users);
	return r;
}

void store_usage_cleanup(struct store_usage *u)
{
	for (size_t i = 0; i < u->n; i++)
		free(u->images[i].name);
	free(u->images);
	*u = (struct store_usage){0};
}
