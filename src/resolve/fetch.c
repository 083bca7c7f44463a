/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/fetch.h"

#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/registry.h"

/*
 * What is damaged can be had again. What can't be read is no reason to fetch it: who looks it up
 * says what is wrong.
 */
static bool is_lacking(const struct resolve_options *o, const char *reference)
{
	CLEANUP(image) struct image *image = NULL;

	return store_is_no_use(store_find_image(o->store, reference, &o->platform, &image, NULL));
}

static int from_engine(
	const struct resolve_options *o, const char *reference, bool *ret_there, struct werr **err)
{
	const struct pull_options options = {.platform = &o->platform, .progress = o->progress};

	*ret_there = false;
	if (!o->engine)
		return 0;
	return store_import_engine(
		o->store, o->net, o->engine, reference, &options, ret_there, err);
}

/* Those of the references that `at` says. */
static int pull(const struct resolve_options *o, const char *const *references, const size_t *at,
	size_t n, struct werr **why, struct werr **err)
{
	const struct pull_options options = {.platform = &o->platform, .progress = o->progress};
	const char **missing = mem_new_array(const char *, n);
	struct werr **errors = mem_new_array(struct werr *, n);
	CLEANUP(werr) struct werr *ended = NULL;
	int r;

	for (size_t i = 0; i < n; i++)
		missing[i] = references[at[i]];
	r = store_pull(o->store, o->net, missing, n, &options, errors, &ended);
	for (size_t i = 0; i < n; i++)
		why[at[i]] = errors[i];
	free(errors);
	free(missing);
	if (!ended)
		return 0;
	if (err)
		*err = STEAL(ended);
	return r;
}

static int fetch_images(const struct resolve_options *o, const char *const *references, size_t n,
	struct werr **why, struct werr **err)
{
	CLEANUP(free) size_t *missing = mem_new_array(size_t, n);
	size_t n_missing = 0;

	if (!o->net)
		return 0;
	for (size_t i = 0; i < n; i++) {
		bool there = false;
		int r = from_engine(o, references[i], &there, &why[i]);

		if (r == -ECANCELED) {
			if (err)
				*err = STEAL(why[i]);
			return r;
		}
		/* What a digest stands for does not change. */
		if (r == 0 && !there &&
			((o->pull && !strchr(references[i], '@')) || is_lacking(o, references[i])))
			missing[n_missing++] = i;
	}
	return n_missing ? pull(o, references, missing, n_missing, why, err) : 0;
}

static int fetch_whole(const struct resolve_options *o, const char *reference, struct werr **err)
{
	const struct pull_options options = {.progress = o->progress};
	CLEANUP(werr) struct werr *ended = NULL;
	CLEANUP(werr) struct werr *why = NULL;
	int r = store_pull(o->store, o->net, &reference, 1, &options, &why, &ended);

	if (r < 0 && err)
		*err = ended ? STEAL(ended) : STEAL(why);
	return r;
}

/* With its digest when it is locked; NULL when there is nothing to be fetched. */
static char *name_to_fetch(const struct resolve_options *o, const char *reference)
{
	CLEANUP(reference) struct reference ref = {0};
	CLEANUP(free) char *name = NULL;
	const struct locked_image *locked;

	if (!o->lock || reference_parse(reference, &ref, NULL) < 0)
		return str_dup(reference);
	name = reference_name(&ref);
	locked = lockfile_find(o->lock, name);
	if (locked)
		return str_printf("%s/%s@%s", ref.registry, ref.repository, locked->digest.text);
	return o->locked ? NULL : STEAL(name);
}

int fetch_uses(const struct config_image_use *uses, size_t n, const struct resolve_options *o,
	struct werr **why, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(free) size_t *at = mem_new_array(size_t, n);
	CLEANUP(free) struct werr **errors = mem_new_array(struct werr *, n);
	int r;

	for (size_t i = 0; i < n; i++) {
		char *name = name_to_fetch(o, uses[i].image);

		if (!name)
			continue;
		at[names.n] = i;
		strv_take(&names, name);
	}
	r = fetch_images(o, (const char *const *)names.items, names.n, errors, err);
	for (size_t i = 0; i < names.n; i++)
		why[at[i]] = errors[i];
	return r;
}

int fetch_layout(const struct resolve_options *o, const char *reference, struct werr **err)
{
	CLEANUP(free) char *name = name_to_fetch(o, reference);

	return name ? fetch_whole(o, name, err) : 0;
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
	/* To fetch it is no way out then; what a lock file asks for may be. */
	if (why->hint || !o->lock) {
		free((*err)->hint);
		(*err)->hint = why->hint ? STEAL(why->hint)
					 : str_dup("import it with: wherry cache import FILE");
	}
	werr_free(why);
}
