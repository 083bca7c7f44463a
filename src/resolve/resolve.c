/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/resolve.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/str.h"
#include "resolve/fetch.h"
#include "resolve/similar-names.h"
#include "resolve/unmade.h"

static int not_as_locked(const struct resolve_options *o, const struct reference *ref,
	const struct locked_image *locked, struct werr **err)
{
	struct descriptor now = {0};
	bool other = store_resolve(o->store, ref, &now, NULL) == 0;

	werr_set(err, WERR_NOT_FOUND,
		"%s names image %s with the digest %s, which is not in the store%s%s",
		o->lock->path, locked->name, locked->digest.text, other ? "; it has " : "",
		other ? now.digest.text : "");
	werr_hint(err,
		other ? "import that image, or build with --update-lock to use the one that is "
			"there"
		      : "import that image with: wherry cache import FILE");
	descriptor_cleanup(&now);
	return werr_code(WERR_NOT_FOUND);
}

static int not_in_lock(const struct resolve_options *o, const char *name, struct werr **err)
{
	int r = werr_set(err, WERR_NOT_FOUND, "image %s is not in %s", name, o->lock->path);

	werr_hint(err, "add it with: wherry lock FILE...");
	return r;
}

/* Return the lock file's image for the name, or NULL. */
static int find_lock(const struct resolve_options *o, const struct reference *ref,
	const struct locked_image **ret, struct werr **err)
{
	*ret = o->lock ? lockfile_find(o->lock, ref->name) : NULL;
	if (*ret || !o->lock)
		return 0;
	if (o->locked)
		return not_in_lock(o, ref->name, err);
	log_warning(
		"image %s is not in %s: the one in the store is used", ref->name, o->lock->path);
	return 0;
}

static int find_digest(const struct resolve_options *o, const struct reference *ref,
	const struct digest *digest, struct image **ret, struct werr **err)
{
	CLEANUP(reference) struct reference exact = {0};
	int r;

	reference_with_digest(ref, digest, &exact);
	r = store_find_image(o->store, &exact, &o->platform, ret, err);
	if (r == 0)
		str_replace(&(*ret)->name, ref->name);
	return r;
}

/* Two entries of one image in a lock file, as a merge can leave them: each is another image. */
static int check_manifest(const struct resolve_options *o, const struct digest *manifest,
	struct image **image, struct werr **err)
{
	const struct digest *found = &(*image)->descriptor.digest;
	char platform[PLATFORM_TEXT_MAX];

	if (!manifest || str_eq(manifest->text, found->text))
		return 0;
	werr_set(err, WERR_INVALID, "%s has two images of %s for %s: %s, and by its digest %s",
		o->lock->path, (*image)->name, platform_text(&o->platform, platform),
		manifest->text, found->text);
	werr_hint(err, "make it again with: wherry lock --update FILE...");
	store_image_free(STEAL(*image));
	return werr_code(WERR_INVALID);
}

/*
 * A single manifest is as good as its index: a build takes nothing else from the index. After a
 * partial removal an index may be present without its images.
 */
static int find_locked(const struct resolve_options *o, const struct reference *ref,
	const struct locked_image *locked, struct image **ret, struct werr **err)
{
	const struct digest *manifest = locked_manifest(locked, &o->platform);
	CLEANUP(werr) struct werr *why = NULL;
	int r = find_digest(o, ref, &locked->digest, ret, &why), found;
	bool there = false;

	if (r == 0)
		return check_manifest(o, manifest, ret, err);
	if (r == -ENOENT) {
		found = manifest ? find_digest(o, ref, manifest, ret, err)
				 : store_has_blob(o->store, &locked->digest, &there, err);
		if (found != -ENOENT && (found < 0 || manifest))
			return found;
		werr_free(err ? STEAL(*err) : NULL);
	}
	if (r == -ENOENT && !there)
		return not_as_locked(o, ref, locked, err);
	werr_pass(err, STEAL(why));
	return r;
}

/* Find one image: the lock file says which, the store has it. */
static int resolve_image(const struct resolve_options *o, const struct reference *ref,
	struct image **ret, struct werr **err)
{
	const struct locked_image *locked;
	int r = find_lock(o, ref, &locked, err);

	if (r < 0)
		return r;
	r = locked ? find_locked(o, ref, locked, ret, err)
		   : store_find_image(o->store, ref, &o->platform, ret, err);
	if (r == 0)
		log_detail("image %s is %s, for this platform %s", ref->name,
			(*ret)->top.digest.text, (*ret)->descriptor.digest.text);
	return r;
}

/*
 * why (owned, may be NULL): the reason why it could not be fetched. With --pull, an image in the
 * store is not good enough when its registry could not be asked.
 */
static int resolve_one(const struct resolve_options *o, const struct config_image_use *use,
	struct similar_names *similar, struct werr *why, struct image **ret, struct werr **err)
{
	int r = resolve_image(o, use->reference, ret, err);

	if (r < 0) {
		if (r == -ENOENT)
			similar_names_explain(similar, o, use->reference, *err);
		fetch_explain(o, err, why);
		return r;
	}
	if (!why || !o->pull) {
		werr_free(why);
		return 0;
	}
	r = werr_code(why->kind);
	werr_pass(err, why);
	return r;
}

int resolve_images(const struct config *c, const struct config_image_use *uses, size_t n,
	const struct resolve_options *o, struct image **ret, struct werr **err)
{
	CLEANUP(free) struct werr **why = mem_new_array(struct werr *, n);
	CLEANUP(similar_names) struct similar_names similar = {0};
	int result = fetch_uses(c, uses, n, o, why, err);
	struct unmade unmade = {0};

	if (result < 0)
		return result;
	for (size_t i = 0; i < n; i++) {
		struct werr *one = NULL;
		int r = resolve_one(o, &uses[i], &similar, STEAL(why[i]), &ret[i], &one);

		if (r == -ENOENT && err)
			unmade_note(o->store, o->lock, c, uses[i].image, uses[i].reference, one,
				&unmade);
		if (r < 0)
			node_place(&one, uses[i].node);
		werr_collect(err, &result, r, one);
	}
	unmade_hint(&unmade);
	return result;
}

static int find_layout(const struct config_volume *v, const struct resolve_options *o,
	struct image_layout **ret, struct werr **err)
{
	const struct locked_image *locked;
	CLEANUP(reference) struct reference exact = {0};
	bool there = true;
	int r = find_lock(o, &v->reference, &locked, err);

	if (r == 0 && locked)
		r = store_has_blob(o->store, &locked->digest, &there, err);
	if (r == 0 && !there)
		r = not_as_locked(o, &v->reference, locked, err);
	if (r < 0)
		return r;
	if (locked)
		reference_with_digest(&v->reference, &locked->digest, &exact);
	r = store_find_layout(
		o->store, locked ? &exact : &v->reference, v->platforms, v->n_platforms, ret, err);
	if (r == 0)
		str_replace(&(*ret)->name, v->reference.name);
	return r;
}

int resolve_layout(const struct config *c, const struct config_volume *v,
	const struct resolve_options *o, struct image_layout **ret, struct werr **err)
{
	struct unmade unmade = {0};
	struct werr *why = NULL;
	int r = o->pull && o->net ? fetch_layout(c, v, o, err) : 0;

	if (r == 0)
		r = find_layout(v, o, ret, err);
	if (r == -ENOENT && o->net && !o->pull) {
		if (fetch_layout(c, v, o, &why) < 0) {
			fetch_explain(o, err, why);
		} else {
			if (err)
				werr_free(STEAL(*err));
			r = find_layout(v, o, ret, err);
		}
	}
	if (r == -ENOENT && err) {
		unmade_note(o->store, o->lock, c, v->image, &v->reference, *err, &unmade);
		unmade_hint(&unmade);
	}
	return r;
}
