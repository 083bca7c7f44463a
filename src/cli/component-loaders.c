/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/component-loaders.h"

#include <stdlib.h>

#include "base/mem.h"

enum { TEXT_MAX = 4096 };

/* A configuration beside the user's, which has the images as if that had named them. */
static int load(const struct context *ctx, const struct input_options *input, const char *file,
	const struct strv *names, struct config **ret, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(TEXT_MAX);

	buf_puts(&text, "init:\n");
	for (size_t i = 0; i < names->n; i++)
		buf_printf(&text, "  - \"@pkg:%s\"\n", names->items[i]);
	return input_load_text(
		ctx, input, &(struct config_text){file, buf_str(&text), text.len}, ret, err);
}

/* The user's file has no such line. */
static void explain(struct werr **err)
{
	for (struct werr *e = err ? *err : NULL; e; e = e->next) {
		free(STEAL(e->file));
		e->line = e->column = 0;
	}
	werr_wrap(err, "the boot loader");
}

/* The loaders' images are in the order of their names. */
static int find(struct component_loaders *l, const struct strv *names,
	const struct resolve_options *from, struct werr **err)
{
	CLEANUP(free) struct config_image_use *uses = NULL;
	size_t n = config_images(l->config, &uses);
	int r;

	l->images = mem_new_array(struct image *, n);
	l->items = mem_new_array(struct loader_image, n);
	l->n = n;
	r = resolve_images(l->config, uses, n, from, l->images, err);
	for (size_t i = 0; r == 0 && i < n; i++)
		l->items[i] = (struct loader_image){names->items[i], l->images[i]};
	return r;
}

int component_loaders_find(const struct context *ctx, const struct input_options *input,
	const struct component_make_options *make, const char *file, const struct strv *names,
	const struct resolve_options *from, struct component_loaders *ret, struct werr **err)
{
	CLEANUP(component_loaders) struct component_loaders l = {0};
	struct resolve_options unlocked = *from;
	struct input_options ours = *input;
	struct context own = *ctx;
	int r;

	if (names->n == 0)
		return 0;
	/* LinuxKit has no such images. */
	own.as_linuxkit = ours.compat = false;
	unlocked.lock = NULL;
	r = load(&own, &ours, file, names, &l.config, err);
	if (r == 0)
		r = component_make_missing(&own, &ours, make, l.config, &unlocked, err);
	if (r == 0)
		r = find(&l, names, &unlocked, err);
	if (r < 0) {
		explain(err);
		return r;
	}
	*ret = l;
	l = (struct component_loaders){0};
	return 0;
}

void component_loaders_cleanup(struct component_loaders *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->images[i])
			store_image_free(l->images[i]);
	free(l->images);
	free(l->items);
	if (l->config)
		config_free(l->config);
	*l = (struct component_loaders){0};
}
