/* SPDX-License-Identifier: Apache-2.0 */
/* The blobs of an image in the order in which they are pushed. */
#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/push.h"
#include "store/walk.h"

enum { SOURCES_MAX = 100 };

static int list_node(struct store *s, const struct descriptor *d, unsigned depth,
	struct push_list *l, struct werr **err);

static int incomplete(int r, struct werr **err)
{
	if (r == -ENOENT) {
		werr_wrap(err, "it is incomplete");
		werr_hint(err, "fetch all of it with: wherry cache pull --all-platforms IMAGE, "
			       "or push one platform with --platform");
	}
	return r;
}

static int add_blob(
	struct store *s, const struct descriptor *d, struct push_list *l, struct werr **err)
{
	int r;

	if (blob_set_get(&l->seen, &d->digest) >= 0)
		return 0;
	r = store_stat_blob(s, d, err);
	if (r == 0)
		r = blob_set_put(&l->seen, &d->digest, 0, err);
	if (r < 0)
		return incomplete(r, err);
	mem_grow(&l->blobs, l->n_blobs, &l->cap_blobs, sizeof(*l->blobs));
	l->blobs[l->n_blobs].digest = d->digest;
	l->blobs[l->n_blobs++].size = d->size;
	return 0;
}

/* A blob that is neither an index nor an image's manifest names nothing that we know. */
static int list_named(struct store *s, const struct descriptor *d, unsigned depth,
	struct push_list *l, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	int r;

	if (!media_type_is_index(d->media_type) && !media_type_is_manifest(d->media_type))
		return incomplete(store_stat_blob(s, d, err), err);
	r = store_read_manifest(s, d, &m, err);
	if (r < 0)
		return incomplete(r, err);
	if (!m->is_index)
		r = add_blob(s, &m->config, l, err);
	for (size_t i = 0; r == 0 && i < m->n; i++)
		r = m->is_index ? list_node(s, &m->items[i], depth + 1, l, err)
				: add_blob(s, &m->items[i], l, err);
	return r;
}

static int list_node(struct store *s, const struct descriptor *d, unsigned depth,
	struct push_list *l, struct werr **err)
{
	int r;

	if (depth > WALK_DEPTH_MAX)
		return werr_set(
			err, WERR_LIMIT, "indexes are nested deeper than %d", WALK_DEPTH_MAX);
	if (blob_set_get(&l->seen, &d->digest) >= 0)
		return 0;
	r = blob_set_put(&l->seen, &d->digest, 0, err);
	if (r == 0)
		r = list_named(s, d, depth, l, err);
	if (r < 0)
		return r;
	mem_grow(&l->manifests, l->n_manifests, &l->cap_manifests, sizeof(*l->manifests));
	descriptor_copy(&l->manifests[l->n_manifests++], d);
	return 0;
}

int push_list_make(
	struct store *s, const struct descriptor *top, struct push_list *ret, struct werr **err)
{
	return list_node(s, top, 0, ret, err);
}

void push_list_cleanup(struct push_list *l)
{
	for (size_t i = 0; i < l->n_manifests; i++)
		descriptor_cleanup(&l->manifests[i]);
	free(l->manifests);
	free(l->blobs);
	blob_set_cleanup(&l->seen);
	*l = (struct push_list){0};
}

/* ---- sources ---- */

struct adding {
	struct push_sources *sources;
	int repository;
};

static int add_source(struct walk *w, const struct descriptor *d, struct werr **err)
{
	struct adding *a = w->ctx;
	int r = store_stat_blob(w->store, d, NULL);

	if (r == 0 && blob_set_get(&a->sources->blobs, &d->digest) < 0)
		r = blob_set_put(&a->sources->blobs, &d->digest, a->repository, err);
	return r < 0 ? -ENOENT : 0;
}

static int add_entry(struct store *s, const struct store_entry *e, const struct reference *target,
	struct push_sources *ret, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	struct adding adding = {ret, (int)ret->repositories.n};
	struct walk w = {.store = s, .visit = add_source, .ctx = &adding, .mode = WALK_HERE_WELL};
	int r;

	if (ret->repositories.n >= SOURCES_MAX || reference_parse(e->name, &ref, NULL) < 0 ||
		!str_eq(ref.registry, target->registry) ||
		str_eq(ref.repository, target->repository))
		return 0;
	strv_add(&ret->repositories, ref.repository);
	r = walk_image(&w, &e->descriptor, err);
	walk_cleanup(&w);
	return r;
}

int push_sources_find(struct store *s, const struct reference *target, struct push_sources *ret,
	struct werr **err)
{
	CLEANUP(store_entries) struct store_entries entries = {0};
	int r = store_list(s, &entries, err);

	for (size_t i = 0; r == 0 && i < entries.n; i++)
		r = add_entry(s, &entries.items[i], target, ret, err);
	return r;
}

const char *push_source_of(const struct push_sources *p, const struct digest *d)
{
	int i = blob_set_get(&p->blobs, d);

	return i < 0 ? NULL : p->repositories.items[i];
}

void push_sources_cleanup(struct push_sources *p)
{
	strv_clear(&p->repositories);
	blob_set_cleanup(&p->blobs);
}
