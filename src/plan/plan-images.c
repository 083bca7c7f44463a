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

/* Find the images that are needed, or the others. Without an earlier tar all are needed. */
static int find_some(
	struct plan *p, bool needed, const struct resolve_options *o, struct werr **err)
{
	CLEANUP(free)
	struct config_image_use *uses = mem_new_array(struct config_image_use, p->n_images);
	CLEANUP(free) struct image **images = mem_new_array(struct image *, p->n_images);
	CLEANUP(free) size_t *places = mem_new_array(size_t, p->n_images);
	size_t n = 0;
	int r;

	for (size_t i = 0; i < p->n_images; i++) {
		if ((!p->earlier || is_needed(p, p->uses[i].image)) != needed)
			continue;
		places[n] = i;
		uses[n++] = p->uses[i];
	}
	r = resolve_images(p->config, uses, n, o, images, err);
	for (size_t i = 0; i < n; i++)
		p->images[places[i]] = images[i];
	return r;
}

int plan_find_images(struct plan *p, struct werr **err)
{
	struct resolve_options at_hand = {.store = p->store,
		.platform = p->images_from.platform,
		.lock = p->images_from.lock};

	p->n_images = config_images(p->config, &p->uses);
	p->images = mem_new_array(struct image *, p->n_images);
	(void)find_some(p, false, &at_hand, NULL);
	return find_some(p, true, &p->images_from, err);
}
