/* SPDX-License-Identifier: Apache-2.0 */
/* Which images a configuration names. */
#include <search.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/model-build.h"

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
	/* The tree keeps the first pointer of an image: any other one is a repetition. */
	if (*found == image)
		u->items[u->n++] = (struct config_image_use){.image = image, .node = n};
}

/* All but the references. */
static size_t find_uses(const struct config *c, struct config_image_use **ret)
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

void config_build_references(struct config *c, struct checker *checker)
{
	CLEANUP(free) struct config_image_use *uses = NULL;
	size_t n = find_uses(c, &uses);

	c->references = mem_new_array(struct reference, n);
	for (size_t i = 0; i < n; i++) {
		struct werr *err = NULL;

		if (reference_parse(uses[i].image, &c->references[i], &err) < 0)
			checker_take(checker, uses[i].node, err);
	}
	c->n_references = n;
}

size_t config_images(const struct config *c, struct config_image_use **ret)
{
	size_t n = find_uses(c, ret);

	for (size_t i = 0; i < n; i++)
		(*ret)[i].reference = &c->references[i];
	return n;
}
