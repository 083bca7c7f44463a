/* SPDX-License-Identifier: Apache-2.0 */
/* The lock file of a configuration. */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "resolve/fetch.h"
#include "resolve/resolve.h"
#include "resolve/unmade.h"

struct locking {
	struct lockfile *file;
	const struct resolve_options *options;
};

/*
 * Lock the image that the name refers to in the store. What is already locked stays as it is, but
 * gets the platforms that were added to it.
 */
static int lock_image(struct locking *l, const struct reference *ref, struct werr **err)
{
	bool locked = lockfile_find(l->file, ref->name) != NULL;
	struct store *store = l->options->store;
	struct descriptor top = {0};
	int r = store_resolve(store, ref, &top, locked ? NULL : err);

	if (r < 0)
		return locked ? 0 : r;
	if (locked)
		r = lockfile_widen(l->file, store, ref->name, &top, err);
	else
		r = lockfile_add(l->file, store, ref->name, &top, err);
	descriptor_cleanup(&top);
	return r;
}

/* why (owned, may be NULL): the reason why it could not be fetched. */
static int lock_at(struct locking *l, const struct reference *ref, const struct node *node,
	struct werr *why, struct werr **err)
{
	int r = lock_image(l, ref, err);

	/* An image that only the store has, because it was built or imported, is locked as well. */
	if (r == 0 && why)
		log_warning("image %s is locked as the store has it: %s", ref->text, why->message);
	fetch_explain(l->options, err, why);
	if (r < 0)
		node_place(err, node);
	return r;
}

/* A volume in the form of a layout is not among the images that are fetched together. */
static int lock_layout(
	struct locking *l, const struct config *c, const struct config_volume *v, struct werr **err)
{
	struct werr *why = NULL;

	if (!v->layout)
		return 0;
	if (l->options->net && lock_image(l, &v->reference, NULL) < 0)
		(void)fetch_layout(c, v, l->options, &why);
	return lock_at(l, &v->reference, node_get(v->node, "image"), why, err);
}

/* All that fail are reported. */
static int lock_all(struct locking *l, const struct config *c, const struct config_image_use *uses,
	size_t n, struct werr **why, struct werr **err)
{
	struct unmade unmade = {0};
	int result = 0;

	for (size_t i = 0; i < n; i++) {
		struct werr *one = NULL;
		int r = lock_at(l, uses[i].reference, uses[i].node, STEAL(why[i]), &one);

		if (r == -ENOENT && err)
			unmade_note(l->options->store, l->options->lock, c, uses[i].image,
				uses[i].reference, one, &unmade);
		werr_collect(err, &result, r, one);
	}
	for (size_t i = 0; i < c->n_volumes; i++) {
		struct werr *one = NULL;
		const struct config_volume *v = &c->volumes[i];
		int r = lock_layout(l, c, v, &one);

		if (r == -ENOENT && err)
			unmade_note(l->options->store, l->options->lock, c, v->image, &v->reference,
				one, &unmade);
		werr_collect(err, &result, r, one);
	}
	unmade_hint(&unmade);
	return result;
}

int resolve_lock(const struct config *c, const struct resolve_options *o, const char *path,
	struct lockfile **ret, struct werr **err)
{
	CLEANUP(lockfile) struct lockfile *file = lockfile_new(path);
	CLEANUP(free) struct config_image_use *uses = NULL;
	struct locking l = {.file = file, .options = o};
	size_t n = config_images(c, &uses);
	CLEANUP(free) struct werr **why = mem_new_array(struct werr *, n);
	int r = fetch_uses(c, uses, n, o, why, err);

	if (r < 0)
		return r;
	for (size_t i = 0; o->lock && i < o->lock->n; i++)
		lockfile_add_copy(file, &o->lock->images[i]);
	lockfile_set_compressors(file, o->lock);
	r = lock_all(&l, c, uses, n, why, err);
	if (r == 0)
		*ret = STEAL(file);
	return r;
}
