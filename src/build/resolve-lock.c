/* SPDX-License-Identifier: Apache-2.0 */
/* The lock file of a configuration. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "build/plan.h"
#include "build/resolve.h"

struct locking {
	struct lockfile *file;
	const struct resolve_options *options;
};

/* What the name stands for in the store, unless it is locked already. */
static int lock_image(struct locking *l, const char *reference, struct werr **err)
{
	struct store *store = l->options->store;
	CLEANUP(reference) struct reference ref = {0};
	CLEANUP(free) char *name = NULL;
	CLEANUP(free) char *found = NULL;
	struct descriptor top = {0};
	int r = reference_parse(reference, &ref, err);

	if (r < 0)
		return r;
	name = reference_name(&ref);
	if (lockfile_find(l->file, name))
		return 0;
	r = store_resolve(store, reference, &found, &top, err);
	if (r == 0)
		r = lockfile_add(l->file, store, name, &top, err);
	descriptor_cleanup(&top);
	return r;
}

/* All that fail are reported. */
static int lock_at(struct locking *l, const struct config *c, const char *reference,
	const struct node *node, struct werr **all)
{
	struct werr *one = NULL;
	int r = lock_image(l, reference, &one);

	if (r < 0) {
		plan_place(&one, c, node);
		werr_append(all, one);
	}
	return r;
}

int resolve_lock(const struct config *c, const struct resolve_options *o, const char *path,
	struct lockfile **ret, struct werr **err)
{
	CLEANUP(lockfile) struct lockfile *file = lockfile_new(path);
	CLEANUP(free) struct config_image_use *uses = NULL;
	CLEANUP(werr) struct werr *all = NULL;
	struct locking l = {.file = file, .options = o};
	size_t n = config_images(c, &uses);
	int result = 0;

	for (size_t i = 0; o->lock && i < o->lock->n; i++)
		lockfile_add_copy(file, &o->lock->images[i]);
	for (size_t i = 0; i < n; i++) {
		int r = lock_at(&l, c, uses[i].image, uses[i].node, &all);

		result = result ? result : r;
	}
	for (size_t i = 0; i < c->n_volumes; i++) {
		const struct config_volume *v = &c->volumes[i];
		int r = v->image ? lock_at(&l, c, v->image, node_get(v->node, "image"), &all) : 0;

		result = result ? result : r;
	}
	if (result == 0)
		*ret = STEAL(file);
	else if (err)
		*err = STEAL(all);
	return result;
}
