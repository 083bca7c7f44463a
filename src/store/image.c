/* SPDX-License-Identifier: Apache-2.0 */
/* Finding an image for a platform. */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/walk.h"

/* What an artifact is made of needs no configuration that says how. */
static int check_parts(struct store *s, struct image *i, struct werr **err)
{
	int r;

	if (!manifest_is_artifact(i->manifest)) {
		r = store_read_config(s, &i->manifest->config, &i->config, err);
		if (r == 0 && i->manifest->n != i->config->diff_ids.n)
			return werr_set(err, WERR_INVALID,
				"the manifest lists %zu layers, the configuration %zu",
				i->manifest->n, i->config->diff_ids.n);
	} else {
		r = store_stat_blob(s, &i->manifest->config, err);
	}
	for (size_t l = 0; r == 0 && l < i->manifest->n; l++)
		r = store_stat_blob(s, &i->manifest->items[l], err);
	return r;
}

/*
 * Get an image by its manifest. Its configuration is checked against it, and all blobs must exist.
 */
static int load_image(struct store *s, const char *name, const struct descriptor *top,
	const struct descriptor *d, struct image **ret, struct werr **err)
{
	CLEANUP(image) struct image *i = mem_new(struct image);
	int r = store_read_manifest(s, d, &i->manifest, err);

	i->name = str_dup(name);
	descriptor_copy(&i->top, top);
	descriptor_copy(&i->descriptor, d);
	if (r == 0 && i->manifest->is_index)
		r = werr_set(err, WERR_INVALID, "%s is an index, not a manifest", d->digest.text);
	if (r == 0)
		r = check_parts(s, i, err);
	if (r < 0)
		return r;
	i->platform = i->config ? i->config->platform : d->platform;
	*ret = STEAL(i);
	return 0;
}

void store_image_free(struct image *i)
{
	if (i->manifest)
		manifest_free(i->manifest);
	if (i->config)
		image_config_free(i->config);
	descriptor_cleanup(&i->descriptor);
	descriptor_cleanup(&i->top);
	free(i->name);
	free(i);
}

/* The best manifest for a platform so far, and the platforms of the others. */
struct choice {
	struct store *store;
	const struct descriptor *top;
	const struct platform *want;
	struct descriptor best;
	struct platform platform; /* platform of best, once that has a media type */
	struct strv available;    /* for the message; limited in size */
};

enum { AVAILABLE_MAX = 32 };

static bool takes_any(const struct choice *c)
{
	return str_eq(c->want->variant, PLATFORM_ANY_VARIANT);
}

/* A store_platform_visit. */
static int consider(
	const struct descriptor *d, const struct platform *has, void *ctx, struct werr **err)
{
	struct choice *c = ctx;
	char text[PLATFORM_TEXT_MAX];
	bool there = false;
	int r = store_has_blob(c->store, &d->digest, &there, err);

	if (r < 0 || !there)
		return r;
	platform_text(has, text);
	if (c->available.n < AVAILABLE_MAX && !strv_has(&c->available, text))
		strv_add(&c->available, text);
	if (takes_any(c) && d == c->top && !platform_matches(has, c->want)) {
		log_warning("%s is for %s", d->digest.text, text);
		has = c->want;
	}
	if (!platform_matches(has, c->want))
		return 0;
	if (c->best.media_type && (takes_any(c) || !platform_better(has, &c->platform)))
		return 0;
	descriptor_cleanup(&c->best);
	descriptor_copy(&c->best, d);
	c->platform = *has;
	return 0;
}

static void choice_cleanup(struct choice *c)
{
	descriptor_cleanup(&c->best);
	strv_clear(&c->available);
}

int store_check_image(struct store *s, const struct descriptor *top, struct werr **err)
{
	CLEANUP(choice)
	struct choice c = {.store = s, .top = top, .want = &(struct platform){.os = "any"}};
	CLEANUP(image) struct image *image = NULL;
	int r = store_visit_platforms(s, top, consider, &c, err);

	if (r == 0 && c.available.n == 0)
		return werr_set(
			err, WERR_INVALID, "%s has no image for any platform", top->digest.text);
	if (r == 0 && media_type_is_manifest(top->media_type))
		r = load_image(s, "", top, top, &image, err);
	return r;
}

static int not_for_platform(const struct choice *c, const char *name, struct werr **err)
{
	CLEANUP(free) char *available = strv_join(&c->available, ", ");
	char want[PLATFORM_TEXT_MAX];

	platform_text(c->want, want);
	if (c->available.n == 0)
		return werr_set(err, WERR_NOT_FOUND,
			"%s is not available for %s; the store has it for no platform at all", name,
			want);
	return werr_set(err, WERR_NOT_FOUND, "%s is not available for %s; the store has it for %s",
		name, want, available);
}

static int found_badly(const char *name, int r, struct werr **err)
{
	werr_wrap(err, "image %s", name);
	if (r == -ENOENT)
		werr_hint(err, "import it again with: wherry cache import FILE");
	return r;
}

static int not_an_image(const struct image *i, struct werr **err)
{
	werr_set(err, WERR_UNSUPPORTED,
		"%s is an artifact, not an image of containers: its type is '%.100s'", i->name,
		manifest_artifact_type(i->manifest));
	werr_hint(err, "see what is in it: wherry inspect %s", i->name);
	return werr_code(WERR_UNSUPPORTED);
}

int store_choose(struct store *s, const char *name, const struct descriptor *top,
	const struct platform *platform, struct image **ret, struct werr **err)
{
	CLEANUP(image) struct image *i = NULL;
	int r = store_choose_any(s, name, top, platform, &i, err);

	if (r == 0 && !i->config)
		r = not_an_image(i, err);
	if (r == 0)
		*ret = STEAL(i);
	return r;
}

int store_choose_any(struct store *s, const char *name, const struct descriptor *top,
	const struct platform *platform, struct image **ret, struct werr **err)
{
	CLEANUP(choice) struct choice c = {.store = s, .top = top, .want = platform};
	int r = store_visit_platforms(s, top, consider, &c, err);

	if (r < 0)
		r = found_badly(name, r, err);
	else if (!c.best.media_type)
		r = not_for_platform(&c, name, err);
	else if ((r = load_image(s, name, top, &c.best, ret, err)) < 0)
		r = found_badly(name, r, err);
	return r;
}

int store_find_image(struct store *s, const struct reference *ref, const struct platform *platform,
	struct image **ret, struct werr **err)
{
	struct descriptor top = {0};
	int r = store_resolve(s, ref, &top, err);

	if (r == 0)
		r = store_choose(s, ref->name, &top, platform, ret, err);
	descriptor_cleanup(&top);
	return r;
}
