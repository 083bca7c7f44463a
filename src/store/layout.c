/* SPDX-License-Identifier: Apache-2.0 */
/* Listing all blobs of an image, to copy it. */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/walk.h"

struct search {
	struct store *store;
	const struct platform *want;
	size_t n_want;
	bool *found; /* one for each of want */
	struct image_layout *layout;
	size_t cap;
	struct blob_set seen;
};

static void search_cleanup(struct search *s)
{
	free(s->found);
	blob_set_cleanup(&s->seen);
}

static int add_blob(struct search *s, const struct descriptor *d, struct werr **err)
{
	struct image_layout *l = s->layout;
	int r = 0;

	if (blob_set_get(&s->seen, &d->digest) >= 0)
		return 0;
	r = store_stat_blob(s->store, d, err);
	if (r == 0)
		r = blob_set_put(&s->seen, &d->digest, 0, err);
	if (r < 0)
		return r;
	mem_grow(&l->blobs, l->n_blobs, &s->cap, sizeof(*l->blobs));
	l->blobs[l->n_blobs++] = (struct descriptor){
		.media_type = str_dup(d->media_type), .digest = d->digest, .size = d->size};
	return 0;
}

static bool is_wanted(struct search *s, const struct platform *has)
{
	bool wanted = s->n_want == 0;

	for (size_t i = 0; i < s->n_want; i++) {
		const struct platform *w = &s->want[i];

		if (!platform_is(has, w))
			continue;
		s->found[i] = true;
		wanted = true;
	}
	return wanted;
}

/* Add all blobs of one manifest if it is for a wanted platform. */
static int add_manifest(struct search *s, const struct descriptor *d, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	struct platform has;
	int r;

	/* Blobs that are not wanted may be missing. */
	if (d->has_platform && !is_wanted(s, &d->platform))
		return 0;
	r = store_read_manifest(s->store, d, &m, err);
	if (r == 0)
		r = store_platform_of(s->store, d, m, &has, err);
	if (r < 0 || !is_wanted(s, &has))
		return r;
	r = add_blob(s, &m->config, err);
	for (size_t i = 0; r == 0 && i < m->n; i++)
		r = add_blob(s, &m->items[i], err);
	return r < 0 ? r : add_blob(s, d, err);
}

/*
 * A manifest that describes an image belongs to it if it is present and no platforms were selected.
 */
static int add_attestation(struct search *s, const struct descriptor *d, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	bool there = false;
	int r = s->n_want > 0 ? 0 : store_has_blob(s->store, &d->digest, &there, err);

	if (r < 0 || !there)
		return r;
	r = store_read_manifest(s->store, d, &m, err);
	if (r == 0)
		r = add_blob(s, &m->config, err);
	for (size_t i = 0; r == 0 && i < m->n; i++)
		r = add_blob(s, &m->items[i], err);
	return r < 0 ? r : add_blob(s, d, err);
}

static int add_index(struct search *s, const struct descriptor *d, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	int r = store_read_manifest(s->store, d, &m, err);

	for (size_t i = 0; r == 0 && i < m->n; i++) {
		const struct descriptor *one = &m->items[i];

		if (descriptor_is_attestation(one))
			r = add_attestation(s, one, err);
		else if (media_type_is_manifest(one->media_type))
			r = add_manifest(s, one, err);
	}
	return r < 0 ? r : add_blob(s, d, err);
}

static int check_found(const struct search *s, struct werr **err)
{
	for (size_t i = 0; i < s->n_want; i++) {
		char text[PLATFORM_TEXT_MAX];

		if (!s->found[i])
			return werr_set(err, WERR_NOT_FOUND, "it is not available for %s",
				platform_text(&s->want[i], text));
	}
	return 0;
}

static int search(struct search *s, struct werr **err)
{
	const struct descriptor *top = &s->layout->top;
	int r = media_type_is_index(top->media_type) ? add_index(s, top, err)
						     : add_manifest(s, top, err);

	if (r == 0)
		return check_found(s, err);
	if (r == -ENOENT)
		werr_hint(err, "import it whole, or name the platforms that are needed");
	return r;
}

int store_find_layout(struct store *s, const struct reference *ref,
	const struct platform *platforms, size_t n, struct image_layout **ret, struct werr **err)
{
	CLEANUP(image_layout) struct image_layout *l = mem_new(struct image_layout);
	CLEANUP(search)
	struct search find = {.store = s,
		.want = platforms,
		.n_want = n,
		.found = mem_new_array(bool, n),
		.layout = l};
	int r = store_resolve(s, ref, &l->top, err);

	if (r < 0)
		return r;
	l->name = str_dup(ref->name);
	r = search(&find, err);
	if (r < 0) {
		werr_wrap(err, "image %s", l->name);
		return r;
	}
	*ret = STEAL(l);
	return 0;
}

void store_image_layout_free(struct image_layout *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->n_blobs; i++)
		descriptor_cleanup(&l->blobs[i]);
	descriptor_cleanup(&l->top);
	free(l->blobs);
	free(l->name);
	free(l);
}
