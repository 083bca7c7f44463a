/* SPDX-License-Identifier: Apache-2.0 */
#include "build/resolve.h"

#include "build/plan.h"

/* One image, by whatever knows it. */
static int resolve_image(const struct resolve_options *o, const char *reference, struct image **ret,
	struct werr **err)
{
	return store_find_image(o->store, reference, &o->platform, ret, err);
}

int resolve_images(const struct config *c, const struct config_image_use *uses, size_t n,
	const struct resolve_options *o, struct image **ret, struct werr **err)
{
	CLEANUP(werr) struct werr *all = NULL;
	int result = 0;

	for (size_t i = 0; i < n; i++) {
		struct werr *one = NULL;
		int r = resolve_image(o, uses[i].image, &ret[i], &one);

		if (r == 0)
			continue;
		plan_place(&one, c, uses[i].node);
		werr_append(&all, one);
		result = result ? result : r;
	}
	if (err)
		*err = STEAL(all);
	return result;
}

int resolve_layout(const struct config_volume *v, const struct resolve_options *o,
	struct image_layout **ret, struct werr **err)
{
	return store_find_layout(o->store, v->image, v->platforms, v->n_platforms, ret, err);
}
