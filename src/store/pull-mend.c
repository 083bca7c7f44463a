/* SPDX-License-Identifier: Apache-2.0 */
/* Fetching again single blobs of an image that the store otherwise has. */
#include <errno.h>

#include "base/cancel.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/pull.h"
#include "store/walk.h"

struct mending {
	struct reference ref;
	struct pull_image image;
	struct blob_set lost;
	/* Manifests and indexes: each is read once, however often it is named. */
	struct blob_set seen;
};

static bool was_lost(const struct mending *m, const struct descriptor *d)
{
	return blob_set_get(&m->lost, &d->digest) >= 0;
}

static int mend_blob(struct mending *m, const struct descriptor *d, struct werr **err)
{
	if (pull_has_blob(&m->image, d))
		return 0;
	log_detail("fetch blob %s again", d->digest.text);
	return pull_blob(&m->image, d, NULL, NULL, err);
}

static int mend_node(
	struct mending *m, const struct descriptor *d, unsigned depth, struct werr **err);

static int mend_manifest(
	struct mending *m, const struct descriptor *d, unsigned depth, struct werr **err)
{
	CLEANUP(manifest) struct manifest *parsed = NULL;
	int r = blob_set_put(&m->seen, &d->digest, 0, err);

	if (r == 0)
		r = pull_manifest(&m->image, d, &parsed, err);
	/*
	 * Written immediately: its missing blobs were in the store, and stay missing when they
	 * can't be fetched.
	 */
	if (r == 0)
		r = store_write_pending(m->image.store, &d->digest, err);
	if (r == 0 && !parsed->is_index)
		r = mend_blob(m, &parsed->config, err);
	for (size_t i = 0; r == 0 && i < parsed->n; i++)
		r = parsed->is_index ? mend_node(m, &parsed->items[i], depth + 1, err)
				     : mend_blob(m, &parsed->items[i], err);
	return r;
}

/*
 * A manifest that is, or was, in the store needs all its blobs: children of a lost manifest cannot
 * be detected as missing. A manifest that never was in the store is for another platform.
 */
static int mend_node(
	struct mending *m, const struct descriptor *d, unsigned depth, struct werr **err)
{
	bool there = true;
	int r = cancel_check(err);

	if (r < 0 || depth > WALK_DEPTH_MAX || blob_set_get(&m->seen, &d->digest) >= 0)
		return r;
	if (!was_lost(m, d))
		r = store_has_blob(m->image.store, &d->digest, &there, err);
	if (r < 0 || !there)
		return r;
	return media_type_is_manifest(d->media_type) || media_type_is_index(d->media_type)
		       ? mend_manifest(m, d, depth, err)
		       : mend_blob(m, d, err);
}

static int mend_image(struct mending *m, struct net *net, const char *name, struct werr **err)
{
	CLEANUP(store_entries) struct store_entries entries = {0};
	int r = store_hold(m->image.store, err);

	if (r == 0)
		r = store_list(m->image.store, &entries, err);
	if (r == 0)
		r = reference_parse(name, &m->ref, err);
	if (r == 0)
		r = remotes_open(net, &m->ref, &m->image.remotes, err);
	for (size_t i = 0; r == 0 && i < entries.n; i++)
		if (str_eq(entries.items[i].name, name))
			r = mend_node(m, &entries.items[i].descriptor, 0, err);
	return r;
}

int store_mend(struct store *s, struct net *net, const char *name, const struct digest *lost,
	size_t n, struct werr **err)
{
	const struct pull_options options = {.check = true};
	struct mending m = {.image = {.store = s, .options = &options}};
	int r = 0;

	m.image.ref = &m.ref;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = blob_set_put(&m.lost, &lost[i], 0, err);
	if (r == 0)
		r = mend_image(&m, net, name, err);
	reference_cleanup(&m.ref);
	remotes_cleanup(&m.image.remotes);
	store_forget_pending(s);
	blob_set_cleanup(&m.lost);
	blob_set_cleanup(&m.seen);
	return r;
}
