/* SPDX-License-Identifier: Apache-2.0 */
/* Which images a configuration names. */
#include <search.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"

struct uses {
	struct config_image_use *items;
	size_t n;
	void *seen; /* a tree of the images so far */
};

static int compare_images(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void keep(void *p)
{
	(void)p;
}

static void add_use(struct uses *u, const char *image, const struct node *n)
{
	const void *const *found;

	if (!image)
		return;
	found = tsearch(image, &u->seen, compare_images);
	if (!found)
		abort();
	/* The tree has the first pointer of an image: another one means that it was there. */
	if (*found == image)
		u->items[u->n++] = (struct config_image_use){image, n};
}

size_t config_images(const struct config *c, struct config_image_use **ret)
{
	struct uses u = {0};

	u.items = mem_new_array(
		struct config_image_use, 1 + c->init.n + c->n_containers + c->n_volumes);
	add_use(&u, c->kernel.image, c->kernel.node);
	for (size_t i = 0; i < c->init.n; i++)
		add_use(&u, c->init.images[i], c->init.nodes[i]);
	for (size_t i = 0; i < c->n_containers; i++)
		add_use(&u, c->containers[i].image, node_get(c->containers[i].node, "image"));
	for (size_t i = 0; i < c->n_volumes; i++)
		if (!c->volumes[i].layout)
			add_use(&u, c->volumes[i].image, node_get(c->volumes[i].node, "image"));
	tdestroy(u.seen, keep);
	*ret = u.items;
	return u.n;
}
