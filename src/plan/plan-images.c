/* SPDX-License-Identifier: Apache-2.0 */
/* The images of a plan: those of parts that are made must be there, those of unchanged ones not. */
#include <stdlib.h>

#include "base/mem.h"
#include "plan/plan-impl.h"

int plan_find_unchanged(struct plan *p, struct werr **err)
{
	const struct config *c = p->config;
	struct plan_unchanged *u = &p->unchanged;
	int r = 0;

	u->containers = mem_new_array(bool, c->n_containers);
	u->volumes = mem_new_array(bool, c->n_volumes);
	if (p->options.input_tar)
		r = earlier_open(&p->earlier, p->options.input_tar, c, err);
	if (r < 0 || !p->earlier)
		return r;
	u->boot = earlier_has_kernel(p->earlier) && !p->options.decompress_kernel;
	u->root = earlier_has_root(p->earlier);
	for (size_t i = 0; i < c->n_containers; i++)
		u->containers[i] = earlier_has_container(p->earlier, i);
	for (size_t i = 0; i < c->n_volumes; i++)
		u->volumes[i] = earlier_has_volume(p->earlier, i);
	return 0;
}

bool plan_needs_kernel(const struct plan *p)
{
	return p->config->kernel.image && !(p->unchanged.boot && p->unchanged.root);
}

static bool is_needed(const struct plan *p, const char *image)
{
	const struct config *c = p->config;

	if (plan_needs_kernel(p) && str_eq(c->kernel.image, image))
		return true;
	for (size_t i = 0; !p->unchanged.root && i < c->init.n; i++)
		if (str_eq(c->init.images[i], image))
			return true;
	for (size_t i = 0; i < c->n_containers; i++)
		if (!p->unchanged.containers[i] && str_eq(c->containers[i].image, image))
			return true;
	for (size_t i = 0; i < c->n_volumes; i++)
		if (!p->unchanged.volumes[i] && c->volumes[i].image &&
			str_eq(c->volumes[i].image, image))
			return true;
	return false;
}

/* Move the required ones to the front and return their number: all, without an earlier tar. */
static size_t sort_uses(struct plan *p)
{
	size_t needed = 0;

	for (size_t i = 0; i < p->n_images; i++) {
		struct config_image_use use = p->uses[i];

		if (p->earlier && !is_needed(p, use.image))
			continue;
		p->uses[i] = p->uses[needed];
		p->uses[needed++] = use;
	}
	return needed;
}

int plan_find_images(struct plan *p, struct werr **err)
{
	struct resolve_options at_hand = {.store = p->store,
		.platform = p->images_from.platform,
		.lock = p->images_from.lock};
	size_t needed;

	p->n_images = config_images(p->config, &p->uses);
	p->images = mem_new_array(struct image *, p->n_images);
	needed = sort_uses(p);
	if (needed < p->n_images)
		(void)resolve_images(p->config, p->uses + needed, p->n_images - needed, &at_hand,
			p->images + needed, NULL);
	return resolve_images(p->config, p->uses, needed, &p->images_from, p->images, err);
}
