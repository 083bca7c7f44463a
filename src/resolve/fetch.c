/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/fetch.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/registry.h"

/*
 * A damaged image can be fetched again. One that can't be read is not fetched: the look-up reports
 * the reason.
 */
static bool is_lacking(const struct resolve_options *o, const struct reference *ref)
{
	CLEANUP(image) struct image *image = NULL;

	return store_is_no_use(store_find_image(o->store, ref, &o->platform, &image, NULL));
}

static int from_engine(const struct resolve_options *o, const struct reference *ref,
	bool *ret_there, struct werr **err)
{
	const struct pull_options options = {.platform = &o->platform, .progress = o->progress};
	int r;

	*ret_there = false;
	if (!o->engine)
		return 0;
	r = store_import_engine(o->store, o->net, o->engine, ref, &options, ret_there, err);
	if (r < 0 && r != -ECANCELED && !is_lacking(o, ref)) {
		log_warning("image %s is the one in the store: %s", ref->name, (*err)->message);
		werr_free(STEAL(*err));
		return 0;
	}
	return r;
}

/* Images to fetch, each for one of the uses. */
struct wanted {
	struct reference *refs;
	size_t *uses; /* their indexes */
	size_t n;
};

static void wanted_cleanup(struct wanted *w)
{
	for (size_t i = 0; i < w->n; i++)
		reference_cleanup(&w->refs[i]);
	free(w->refs);
	free(w->uses);
}

static void wanted_init(struct wanted *w, size_t max)
{
	*w = (struct wanted){
		.refs = mem_new_array(struct reference, max), .uses = mem_new_array(size_t, max)};
}

/* Get the name, with its digest when it is locked; false when there is nothing to fetch. */
static bool reference_to_fetch(
	const struct resolve_options *o, const struct reference *ref, struct reference *ret)
{
	const struct locked_image *locked = o->lock ? lockfile_find(o->lock, ref->name) : NULL;

	if (locked)
		reference_with_digest(ref, &locked->digest, ret);
	else if (!o->lock || !o->locked)
		reference_copy(ref, ret);
	return ret->name;
}

/* *ret_missing: no engine has the image, and the store lacks it or may have an old version. */
static int find_missing(const struct resolve_options *o, const struct reference *ref,
	bool *ret_missing, struct werr **err)
{
	bool there = false;
	int r = from_engine(o, ref, &there, err);

	/* The image of a digest does not change. */
	*ret_missing = r == 0 && !there && ((o->pull && !ref->digest) || is_lacking(o, ref));
	return r;
}

/* The whole fetch was ended: the failures of single images don't matter. */
static int end(struct werr **why, size_t n, int r, struct werr *ended, struct werr **err)
{
	for (size_t i = 0; i < n; i++)
		werr_free(STEAL(why[i]));
	werr_pass(err, ended);
	return r;
}

static bool is_unpublished(const struct config *c, const char *image)
{
	const struct config_package *package = config_package_of(c, image);

	return package && package->unpublished;
}

static int list_missing(const struct config *c, const struct config_image_use *uses, size_t n,
	const struct resolve_options *o, struct wanted *ret, struct werr **why, struct werr **err)
{
	for (size_t i = 0; i < n; i++) {
		struct reference *ref = &ret->refs[ret->n];
		bool missing = false;

		if (reference_to_fetch(o, uses[i].reference, ref) &&
			find_missing(o, ref, &missing, &why[i]) == -ECANCELED) {
			reference_cleanup(ref);
			return end(why, n, -ECANCELED, STEAL(why[i]), err);
		}
		if (missing && !is_unpublished(c, uses[i].image))
			ret->uses[ret->n++] = i;
		else
			reference_cleanup(ref);
	}
	return 0;
}

int fetch_uses(const struct config *c, const struct config_image_use *uses, size_t n,
	const struct resolve_options *o, struct werr **why, struct werr **err)
{
	const struct pull_options options = {.platform = &o->platform, .progress = o->progress};
	CLEANUP(free) struct werr **errors = mem_new_array(struct werr *, n);
	CLEANUP(wanted) struct wanted wanted = {0};
	CLEANUP(werr) struct werr *ended = NULL;
	int r;

	if (!o->net)
		return 0;
	wanted_init(&wanted, n);
	r = list_missing(c, uses, n, o, &wanted, why, err);
	if (r < 0 || wanted.n == 0)
		return r;
	r = store_pull(o->store, o->net, wanted.refs, wanted.n, &options, errors, &ended);
	for (size_t i = 0; i < wanted.n; i++)
		why[wanted.uses[i]] = errors[i];
	return ended ? end(why, n, r, STEAL(ended), err) : 0;
}

int fetch_layout(const struct config *c, const struct config_volume *v,
	const struct resolve_options *o, struct werr **err)
{
	const struct pull_options options = {.progress = o->progress};
	CLEANUP(reference) struct reference exact = {0};
	CLEANUP(werr) struct werr *ended = NULL;
	CLEANUP(werr) struct werr *why = NULL;
	int r;

	if (is_unpublished(c, v->image) || !reference_to_fetch(o, &v->reference, &exact))
		return 0;
	r = store_pull(o->store, o->net, &exact, 1, &options, &why, &ended);
	werr_pass(err, ended ? STEAL(ended) : STEAL(why));
	return r;
}

void fetch_explain(const struct resolve_options *o, struct werr **err, struct werr *why)
{
	CLEANUP(free) char *old = NULL;

	if (!why || !err || !*err) {
		werr_free(why);
		return;
	}
	old = (*err)->message;
	(*err)->message = str_printf("%s, and can't be pulled: %s", old, why->message);
	/* Suggesting a fetch would not help here, but the digest in the lock file might. */
	if (why->hint || !o->lock) {
		free((*err)->hint);
		(*err)->hint = why->hint ? STEAL(why->hint)
					 : str_dup("import it with: wherry cache import FILE");
	}
	werr_free(why);
}
