/* SPDX-License-Identifier: Apache-2.0 */
/* Naming the images of an import, and combining images of one name for several platforms. */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/import.h"

static int nameless(const char *tag, struct werr **err)
{
	int r = tag ? werr_set(err, WERR_INVALID,
			      "an image in it has no name, only the tag '%.128s'", tag)
		    : werr_set(err, WERR_INVALID, "an image in it has no name");

	werr_hint(err, "give it one: wherry cache import --name NAME FILE");
	return r;
}

/* Combine the name given by the user with the image's tag, unless the user's name has one. */
static int given_name(struct import *im, const char *tag, struct reference *ret, struct werr **err)
{
	CLEANUP(free) char *with_tag = NULL;
	const char *slash = strrchr(im->name, '/');

	if (!tag || strpbrk(slash ? slash : im->name, ":@"))
		return reference_parse(im->name, ret, err);
	with_tag = str_printf("%s:%s", im->name, tag);
	return reference_parse(with_tag, ret, err);
}

/* The name that an image comes with, or the user's instead of it. */
static int own_name(struct import *im, const char *name, const struct descriptor *d,
	struct reference *ret, struct werr **err)
{
	CLEANUP(reference) struct reference own = {0};
	int r = reference_parse(name, &own, err);

	if (r < 0 || !im->name) {
		*ret = own;
		own = (struct reference){0};
		return r;
	}
	store_entries_add(&im->own, own.name, d);
	return given_name(im, own.tag, ret, err);
}

int import_add(struct import *im, const char *name, const char *tag, const struct descriptor *d,
	struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	int r;

	if (name)
		r = own_name(im, name, d, &ref, err);
	else if (im->name)
		r = given_name(im, tag, &ref, err);
	else
		r = nameless(tag, err);
	if (r < 0)
		return r;
	if (ref.digest && !str_eq(ref.digest, d->digest.text))
		return werr_set(err, WERR_INVALID, "the image %s has the digest %s, not its name's",
			ref.name, d->digest.text);
	im->n_nameless += im->name && !name;
	log_detail("import %s %s", ref.name, d->digest.text);
	store_entries_add(&im->entries, ref.name, d);
	return 0;
}

/* ---- one name, several platforms ---- */

/* Images of one name, which become an index. */
struct joint {
	struct import *im;
	const char *name;
	struct manifest *index;
};

/*
 * Add an image with its platform, which comes from the configuration if the descriptor lacks it; an
 * index has none.
 */
static int describe(
	struct store *s, const struct descriptor *d, struct descriptor *ret, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	struct descriptor part = {.digest = d->digest, .size = d->size};
	int r = store_read_manifest(s, d, &m, err);

	if (r == 0 && !m->is_index)
		r = store_platform_of(s, d, m, &part.platform, err);
	if (r < 0)
		return r;
	part.has_platform = !m->is_index && !platform_is_any(&part.platform);
	part.media_type = str_dup(d->media_type);
	*ret = part;
	return 0;
}

static bool same_platform(const struct descriptor *a, const struct descriptor *b)
{
	return a->has_platform && b->has_platform && platform_is(&a->platform, &b->platform) &&
	       platform_is(&b->platform, &a->platform);
}

static int for_one_platform_twice(
	const struct joint *j, const struct descriptor *part, struct werr **err)
{
	CLEANUP(reference) struct reference given = {0};
	char text[PLATFORM_TEXT_MAX];

	platform_text(&part->platform, text);
	if (j->im->name && reference_parse(j->im->name, &given, NULL) == 0 &&
		str_eq(given.name, j->name))
		return werr_set(err, WERR_INVALID,
			"several images for %s have no name of their own, and can't all be %s",
			text, j->im->name);
	log_warning("%s has two images %s for %s; the last one counts", j->im->path, j->name, text);
	return 0;
}

static int add_part(struct joint *j, const struct descriptor *d, struct werr **err)
{
	struct manifest *index = j->index;
	struct descriptor part = {0};
	int r;

	for (size_t i = 0; i < index->n; i++)
		if (digest_eq(&index->items[i].digest, &d->digest))
			return 0;
	r = describe(j->im->store, d, &part, err);
	for (size_t i = 0; r == 0 && i < index->n; i++) {
		if (!same_platform(&index->items[i], &part))
			continue;
		r = for_one_platform_twice(j, &part, err);
		if (r == 0) {
			descriptor_cleanup(&index->items[i]);
			index->items[i] = part;
			return 0;
		}
	}
	if (r < 0) {
		descriptor_cleanup(&part);
		return r;
	}
	index->items = mem_resize(index->items, index->n + 1, sizeof(*index->items));
	index->items[index->n++] = part;
	return 0;
}

/*
 * Combine all entries of one name, beginning at `first`, into an index, unless they are the same or
 * one replaces another.
 */
static int join(struct import *im, size_t first, struct descriptor *ret, struct werr **err)
{
	CLEANUP(manifest) struct manifest *index = mem_new(struct manifest);
	struct joint j = {im, im->entries.items[first].name, index};
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r = 0;

	index->is_index = true;
	index->media_type = str_dup(MEDIA_OCI_INDEX);
	for (size_t i = first; r == 0 && i < im->entries.n; i++)
		if (str_eq(im->entries.items[i].name, j.name))
			r = add_part(&j, &im->entries.items[i].descriptor, err);
	if (r < 0)
		return r;
	if (index->n == 1) {
		descriptor_copy(ret, &index->items[0]);
		return 0;
	}
	text = manifest_write(index, &size);
	r = store_put(im->store, text, size, ret, err);
	if (r == 0)
		ret->media_type = str_dup(MEDIA_OCI_INDEX);
	return r;
}

static bool has_name(const struct store_entries *e, const char *name)
{
	for (size_t i = 0; i < e->n; i++)
		if (str_eq(e->items[i].name, name))
			return true;
	return false;
}

static bool is_named_again(const struct store_entries *e, size_t i)
{
	for (size_t k = i + 1; k < e->n; k++)
		if (str_eq(e->items[k].name, e->items[i].name))
			return true;
	return false;
}

/* One image may have several names, and one name images for several platforms. */
static bool is_one_image(const struct import *im)
{
	bool one_name = true, one_digest = true;

	for (size_t i = 1; i < im->own.n; i++) {
		const struct store_entry *a = &im->own.items[0], *b = &im->own.items[i];

		one_name = one_name && str_eq(a->name, b->name);
		one_digest = one_digest && digest_eq(&a->descriptor.digest, &b->descriptor.digest);
	}
	return (one_name || one_digest) && im->n_nameless == 0;
}

static int check_given_name(const struct import *im, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(free) char *text = NULL;

	if (im->own.n == 0 || is_one_image(im))
		return 0;
	for (size_t i = 0; i < im->own.n; i++)
		if (!strv_has(&names, im->own.items[i].name))
			strv_add(&names, im->own.items[i].name);
	text = strv_join(&names, ", ");
	werr_set(err, WERR_INVALID, "there are several images (%s%s), and --name names one", text,
		im->n_nameless ? " and some without a name" : "");
	werr_hint(err, "import them under their own names, and rename one with: wherry cache tag");
	return werr_code(WERR_INVALID);
}

int import_join(struct import *im, struct werr **err)
{
	struct store_entries joined = {0};
	int r = check_given_name(im, err);

	for (size_t i = 0; r == 0 && i < im->entries.n; i++) {
		const struct store_entry *e = &im->entries.items[i];
		struct descriptor d = {0};

		if (has_name(&joined, e->name))
			continue;
		if (is_named_again(&im->entries, i))
			r = join(im, i, &d, err);
		else
			descriptor_copy(&d, &e->descriptor);
		if (r == 0)
			store_entries_add(&joined, e->name, &d);
		descriptor_cleanup(&d);
	}
	if (r < 0) {
		store_entries_cleanup(&joined);
		return r;
	}
	store_entries_cleanup(&im->entries);
	im->entries = joined;
	return 0;
}
