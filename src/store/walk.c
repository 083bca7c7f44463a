/* SPDX-License-Identifier: Apache-2.0 */
#include "store/walk.h"

#include <errno.h>

#include "base/cancel.h"
#include "base/mem.h"

/*
 * State of a digest: the values of walk.seen. PRESENT was met only as a blob that names nothing:
 * when an image lists another one's manifest as its layer, that manifest is still walked.
 */
enum { MISSING, PRESENT, WHOLE, PARTIAL };

static int walk_node(struct walk *w, const struct descriptor *d, unsigned depth, bool *ret_whole,
	struct werr **err);

/* Visit a blob that names nothing. */
static int walk_leaf(struct walk *w, const struct descriptor *d, bool *ret_whole, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	int known = blob_set_get(&w->seen, &d->digest);
	int r = 0;

	if (known < 0) {
		r = cancel_check(err);
		if (r == 0)
			r = w->visit(w, d, &why);
		if (r < 0 && r != -ENOENT) {
			if (why)
				werr_pass(err, STEAL(why));
			return r;
		}
		if (r == -ENOENT && !w->missing.text[0])
			w->missing = d->digest;
		known = r == 0 ? PRESENT : MISSING;
		r = blob_set_put(&w->seen, &d->digest, known, err);
	}
	*ret_whole = known != MISSING;
	return r;
}

static int walk_manifest(
	struct walk *w, const struct manifest *m, bool *ret_whole, struct werr **err)
{
	bool whole = false, all;
	int r = walk_leaf(w, &m->config, &whole, err);

	all = whole;
	for (size_t i = 0; r == 0 && i < m->n; i++) {
		r = walk_leaf(w, &m->items[i], &whole, err);
		all = all && whole;
	}
	*ret_whole = all;
	return r;
}

/* An index is as complete as its best image; entries that only describe an image don't count. */
static int walk_index(struct walk *w, const struct manifest *m, unsigned depth, bool *ret_whole,
	struct werr **err)
{
	bool any = false;

	for (size_t i = 0; i < m->n; i++) {
		bool whole = false;
		int r = walk_node(w, &m->items[i], depth + 1, &whole, err);

		if (r < 0)
			return r;
		any = any || (whole && !descriptor_is_attestation(&m->items[i]));
	}
	*ret_whole = any;
	return 0;
}

static bool is_broken(int r)
{
	return r != -ENOENT && store_is_no_use(r);
}

static int read_node(struct walk *w, const struct descriptor *d, unsigned depth,
	struct manifest **ret, struct werr **err)
{
	if (depth > WALK_DEPTH_MAX)
		return werr_set(err, WERR_LIMIT, "blob %s: indexes are nested deeper than %d",
			d->digest.text, WALK_DEPTH_MAX);
	return store_read_manifest(w->store, d, ret, err);
}

/* Walk a manifest or index that is present. If it is met again inside itself, it is PARTIAL. */
static int walk_into(struct walk *w, const struct descriptor *d, unsigned depth, bool *ret_whole,
	struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	CLEANUP(werr) struct werr *why = NULL;
	int r = read_node(w, d, depth, &m, &why);

	/* It stays PRESENT: it may be complete where another image names it. */
	if (r < 0 && w->mode == WALK_HERE_WELL && is_broken(r))
		return 0;
	if (r < 0) {
		werr_pass(err, STEAL(why));
		return r;
	}
	r = blob_set_put(&w->seen, &d->digest, PARTIAL, err);
	if (r == 0)
		r = m->is_index ? walk_index(w, m, depth, ret_whole, err)
				: walk_manifest(w, m, ret_whole, err);
	if (r == 0)
		r = blob_set_put(&w->seen, &d->digest, *ret_whole ? WHOLE : PARTIAL, err);
	return r;
}

static int walk_node(struct walk *w, const struct descriptor *d, unsigned depth, bool *ret_whole,
	struct werr **err)
{
	int known = blob_set_get(&w->seen, &d->digest);
	bool there = known == PRESENT;
	int r = 0;

	*ret_whole = known == WHOLE;
	w->in_index = depth > 0;
	if (known < 0)
		r = walk_leaf(w, d, &there, err);
	w->in_index = false;
	if (r < 0 || !there)
		return r;
	if (!media_type_is_index(d->media_type) && !media_type_is_manifest(d->media_type))
		return 0; /* anything else that an index may name; kept, but not an image */
	return walk_into(w, d, depth, ret_whole, err);
}

int walk_image(struct walk *w, const struct descriptor *d, struct werr **err)
{
	int r;

	w->whole = false;
	if (w->mode == WALK_IMAGE && !media_type_is_index(d->media_type) &&
		!media_type_is_manifest(d->media_type))
		return werr_set(err, WERR_UNSUPPORTED, "%s is not an image: its type is '%.100s'",
			d->digest.text, d->media_type);
	w->missing = (struct digest){0};
	r = walk_node(w, d, 0, &w->whole, err);
	if (r < 0 || w->whole || w->mode != WALK_IMAGE)
		return r;
	if (w->missing.text[0])
		return werr_set(err, WERR_NOT_FOUND, "it is incomplete: blob %s is missing",
			w->missing.text);
	return werr_set(err, WERR_INVALID, "%s has no complete image", d->digest.text);
}

bool walk_is_whole(const struct walk *w, const struct digest *d)
{
	int known = blob_set_get(&w->seen, d);

	return known == PRESENT || known == WHOLE;
}

int walk_is_there(struct walk *w, const struct descriptor *d, struct werr **err)
{
	bool there;
	int r = store_has_blob(w->store, &d->digest, &there, err);

	return r < 0 ? r : there ? 0 : -ENOENT;
}

void walk_cleanup(struct walk *w)
{
	blob_set_cleanup(&w->seen);
}
