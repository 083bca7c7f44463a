/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the platforms of a name: from an index to the manifests that it lists. */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/walk.h"

int store_read_config(
	struct store *s, const struct descriptor *d, struct image_config **ret, struct werr **err)
{
	CLEANUP(free) char *name = str_printf("blob %s", d->digest.text);
	CLEANUP(free) char *text = NULL;
	int r = store_read_blob(s, d, IMAGE_CONFIG_SIZE_MAX, &text, err);

	return r < 0 ? r : image_config_parse(name, text, d->size, ret, err);
}

/* An artifact has no configuration that says what it is for. */
static int configured_platform(struct store *s, const struct descriptor *d,
	const struct manifest *m, struct platform *ret, struct werr **err)
{
	CLEANUP(image_config) struct image_config *config = NULL;
	int r;

	if (manifest_is_artifact(m)) {
		*ret = d->platform;
		return 0;
	}
	r = store_read_config(s, &m->config, &config, err);
	if (r == 0)
		*ret = config->platform;
	return r;
}

int store_platform_of(struct store *s, const struct descriptor *d, const struct manifest *m,
	struct platform *ret, struct werr **err)
{
	if (!d->has_platform)
		return configured_platform(s, d, m, ret, err);
	*ret = d->platform;
	return 0;
}

struct search {
	struct store *store;
	store_platform_visit *visit;
	void *ctx;
	struct blob_set seen; /* indexes already read: each is read once */
};

static bool is_image_config(const char *media_type)
{
	return str_eq(media_type, MEDIA_OCI_CONFIG) || str_eq(media_type, MEDIA_DOCKER_CONFIG);
}

/* An unusable entry is not a reason to reject the rest of the index. */
static bool is_odd(int r)
{
	return r == -EINVAL || r == -EOPNOTSUPP || r == -E2BIG;
}

static int platform_of(struct store *s, const struct descriptor *d, bool in_index,
	struct platform *ret, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	int r = store_read_manifest(s, d, &m, err);

	if (r == 0 && m->is_index)
		r = werr_set(err, WERR_INVALID, "%s is an index, not a manifest", d->digest.text);
	/* An index may also name things that are not images, such as a signature. */
	if (r == 0 && in_index && !is_image_config(m->config.media_type))
		r = werr_set(err, WERR_UNSUPPORTED,
			"%s is not an image: its configuration's type is '%.100s'", d->digest.text,
			m->config.media_type);
	return r < 0 ? r : configured_platform(s, d, m, ret, err);
}

/*
 * In an index the descriptor gives the platform; if it does not, the image's configuration does.
 */
static int look_at_manifest(
	struct search *c, const struct descriptor *d, unsigned depth, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	struct platform platform;
	bool there = true;
	int r = 0;

	if (depth > 0 && d->has_platform)
		return c->visit(d, &d->platform, c->ctx, err);
	if (depth > 0)
		r = store_has_blob(c->store, &d->digest, &there, err);
	if (r < 0 || !there)
		return r;
	r = platform_of(c->store, d, depth > 0, &platform, &why);
	if (r == 0)
		return c->visit(d, &platform, c->ctx, err);
	if (depth > 0 && is_odd(r)) {
		log_detail("%s; it is left out", why->message);
		return 0;
	}
	werr_pass(err, STEAL(why));
	return r;
}

static int look_at(struct search *c, const struct descriptor *d, unsigned depth, struct werr **err);

/* Visit an index once. One inside another index may be missing. */
static int look_at_index(
	struct search *c, const struct descriptor *d, unsigned depth, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	bool there = true;
	int r = 0;

	if (blob_set_get(&c->seen, &d->digest) >= 0)
		return 0;
	if (depth > 0)
		r = store_has_blob(c->store, &d->digest, &there, err);
	if (r < 0 || !there)
		return r;
	r = blob_set_put(&c->seen, &d->digest, 0, err);
	if (r == 0)
		r = store_read_manifest(c->store, d, &m, err);
	if (r == 0 && !m->is_index)
		return werr_set(
			err, WERR_INVALID, "%s is a manifest, not an index", d->digest.text);
	for (size_t i = 0; r == 0 && i < m->n; i++)
		r = look_at(c, &m->items[i], depth + 1, err);
	return r;
}

static int look_at(struct search *c, const struct descriptor *d, unsigned depth, struct werr **err)
{
	if (descriptor_is_attestation(d))
		return 0;
	if (depth > WALK_DEPTH_MAX)
		return werr_set(
			err, WERR_LIMIT, "indexes are nested deeper than %d", WALK_DEPTH_MAX);
	if (media_type_is_manifest(d->media_type))
		return look_at_manifest(c, d, depth, err);
	return media_type_is_index(d->media_type) ? look_at_index(c, d, depth, err) : 0;
}

int store_visit_platforms(struct store *s, const struct descriptor *top,
	store_platform_visit *visit, void *ctx, struct werr **err)
{
	struct search c = {.store = s, .visit = visit, .ctx = ctx};
	int r = look_at(&c, top, 0, err);

	blob_set_cleanup(&c.seen);
	return r;
}

struct list {
	struct store *store;
	struct store_platforms platforms;
};

/* Compute the size of an image's blobs. WERR_NOT_FOUND: one is missing. */
static int add_up(struct store *s, const struct descriptor *d, uint64_t *ret, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	uint64_t sum = d->size;
	int r = store_read_manifest(s, d, &m, err);

	if (r == 0 && m->is_index)
		r = werr_set(err, WERR_INVALID, "%s is an index, not a manifest", d->digest.text);
	if (r == 0)
		r = store_stat_blob(s, &m->config, err);
	if (r < 0)
		return r;
	sum += m->config.size;
	for (size_t i = 0; r == 0 && i < m->n; i++) {
		r = store_stat_blob(s, &m->items[i], err);
		sum += m->items[i].size;
	}
	if (r == 0)
		*ret = sum;
	return r;
}

/* A damaged image counts as missing. */
static int add_platform(
	const struct descriptor *d, const struct platform *p, void *ctx, struct werr **err)
{
	struct list *list = ctx;
	struct store_platforms *all = &list->platforms;
	CLEANUP(werr) struct werr *why = NULL;
	struct store_platform *one;
	uint64_t size = 0;
	int r = add_up(list->store, d, &size, &why);

	if (r < 0 && !store_is_no_use(r)) {
		werr_pass(err, STEAL(why));
		return r;
	}
	mem_grow(&all->items, all->n, &all->cap, sizeof(*all->items));
	one = &all->items[all->n++];
	one->platform = *p;
	descriptor_copy(&one->manifest, d);
	one->here = r == 0;
	one->size = size;
	return 0;
}

int store_list_platforms(struct store *s, const struct descriptor *top, struct store_platforms *ret,
	struct werr **err)
{
	struct list list = {.store = s};
	int r = store_visit_platforms(s, top, add_platform, &list, err);

	if (r < 0)
		store_platforms_cleanup(&list.platforms);
	else
		*ret = list.platforms;
	return r;
}

void store_platforms_cleanup(struct store_platforms *p)
{
	for (size_t i = 0; i < p->n; i++)
		descriptor_cleanup(&p->items[i].manifest);
	free(p->items);
	*p = (struct store_platforms){0};
}
