/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the images that a tag has for other platforms when one for this platform is pushed. */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/push.h"

enum { LOST_MAX = 8 }; /* named platforms */

bool push_merge_has(const struct manifest *m, const struct digest *d)
{
	for (size_t i = 0; i < m->n; i++)
		if (digest_eq(&m->items[i].digest, d))
			return true;
	return false;
}

static bool is_image(const struct descriptor *d)
{
	return d->has_platform && !descriptor_is_attestation(d);
}

static const struct descriptor *same_platform(
	const struct manifest *m, const struct descriptor *wanted)
{
	char x[PLATFORM_TEXT_MAX], y[PLATFORM_TEXT_MAX];

	for (size_t i = 0; is_image(wanted) && i < m->n; i++)
		if (is_image(&m->items[i]) && str_eq(platform_text(&m->items[i].platform, x),
						      platform_text(&wanted->platform, y)))
			return &m->items[i];
	return NULL;
}

/* Attestations stay with their image. */
static bool is_kept(
	const struct manifest *ours, const struct manifest *theirs, const struct descriptor *d)
{
	const char *of = descriptor_annotation(d, "vnd.docker.reference.digest");

	if (push_merge_has(ours, &d->digest))
		return false;
	if (!descriptor_is_attestation(d) || !of)
		return !same_platform(ours, d);
	for (size_t i = 0; i < theirs->n; i++)
		if (str_eq(theirs->items[i].digest.text, of))
			return !same_platform(ours, &theirs->items[i]);
	return false;
}

/*
 * Sort by platform name, entries without a platform last: the bytes do not depend on who pushes
 * first.
 */
static int compare_items(const void *a, const void *b)
{
	const struct descriptor *x = a, *y = b;
	char xt[PLATFORM_TEXT_MAX], yt[PLATFORM_TEXT_MAX];
	int r = (int)is_image(y) - (int)is_image(x);

	if (r == 0)
		r = strcmp(platform_text(&x->platform, xt), platform_text(&y->platform, yt));
	return r ? r : strcmp(x->digest.text, y->digest.text);
}

static int check_conflicts(
	const struct manifest *ours, const struct manifest *theirs, struct werr **err)
{
	char text[PLATFORM_TEXT_MAX];

	for (size_t i = 0; i < theirs->n; i++) {
		const struct descriptor *d = &theirs->items[i];
		const struct descriptor *mine = same_platform(ours, d);
		int r;

		if (!mine || digest_eq(&mine->digest, &d->digest))
			continue;
		r = werr_set(err, WERR_EXISTS,
			"the registry has another image of this name for %s, %s",
			platform_text(&d->platform, text), d->digest.text);
		werr_hint(err, "replace it with --override; those for other platforms stay");
		return r;
	}
	return 0;
}

int push_merge(const struct manifest *ours, const struct manifest *theirs, bool override,
	struct manifest **ret, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = mem_new(struct manifest);
	int r = override ? 0 : check_conflicts(ours, theirs, err);

	if (r < 0)
		return r;
	if (ours->n + theirs->n > INDEX_MANIFESTS_MAX)
		return werr_set(err, WERR_LIMIT, "the registry's index has too many images");
	m->is_index = true;
	m->media_type = str_dup(theirs->media_type);
	m->items = mem_new_array(struct descriptor, ours->n + theirs->n);
	for (size_t i = 0; i < ours->n; i++)
		descriptor_copy(&m->items[m->n++], &ours->items[i]);
	for (size_t i = 0; i < theirs->n; i++)
		if (is_kept(ours, theirs, &theirs->items[i]))
			descriptor_copy(&m->items[m->n++], &theirs->items[i]);
	qsort(m->items, m->n, sizeof(*m->items), compare_items);
	*ret = STEAL(m);
	return 0;
}

/* Return the platforms that only theirs has; NULL: none. */
static char *list_lost(const struct manifest *ours, const struct manifest *theirs)
{
	CLEANUP(strv) struct strv lost = {0};
	char text[PLATFORM_TEXT_MAX];

	for (size_t i = 0; theirs->is_index && i < theirs->n && lost.n < LOST_MAX; i++) {
		const struct descriptor *d = &theirs->items[i];

		if (is_image(d) && !push_merge_has(ours, &d->digest) && !same_platform(ours, d))
			strv_add(&lost, platform_text(&d->platform, text));
	}
	return lost.n ? strv_join(&lost, ", ") : NULL;
}

char *push_lost_platforms(
	struct store *s, const struct descriptor *ours, const struct remote_manifest *theirs)
{
	CLEANUP(manifest) struct manifest *here = NULL;
	CLEANUP(manifest) struct manifest *there = NULL;

	if (store_read_manifest(s, ours, &here, NULL) < 0 ||
		manifest_parse(theirs->digest.text, theirs->text, theirs->size, theirs->media_type,
			&there, NULL) < 0)
		return NULL;
	return list_lost(here, there);
}

bool push_merge_is_same(const struct manifest *merged, const struct manifest *theirs)
{
	for (size_t i = 0; i < merged->n; i++)
		if (!push_merge_has(theirs, &merged->items[i].digest))
			return false;
	return merged->n == theirs->n;
}
