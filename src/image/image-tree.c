/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"
#include "image/image-impl.h"

struct adding {
	struct image_writer *w;
	const struct tree *t;
	const struct image_tree_options *o;
	/* Of each shared file: how many of its names are not skipped, and its file_id in this archive (value). */
	struct link_map links;
};

static bool is_skipped(const struct adding *a, const char *path)
{
	return a->o->skip && *path && a->o->skip(path, a->o->ctx);
}

static bool is_shared(const struct tree_node *n)
{
	return n->file && n->file->links > 1;
}

static int count_names(
	struct tree_node *n, const char *path, void *ctx, ATTR_UNUSED struct werr **err)
{
	struct adding *a = ctx;

	if (is_skipped(a, path))
		return TREE_WALK_SKIP;
	if (is_shared(n))
		link_map_at(&a->links, n->file->id)->names++;
	return 0;
}

static void share(struct adding *a, const struct tree_node *n, struct image_entry *e)
{
	struct link_slot *s = link_map_at(&a->links, n->file->id);

	if (s->names < 2)
		return;
	if (s->value == 0)
		s->value = ++a->w->file_ids;
	e->file_id = s->value;
	e->links = s->names;
}

static int add_node(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	struct adding *a = ctx;
	const char *prefix = a->o->prefix ? a->o->prefix : "";
	CLEANUP(free)
	char *full = str_printf("%s%s%s", prefix, *prefix && *path ? "/" : "", path);
	CLEANUP(reader) struct reader *content = NULL;
	struct image_entry e = {.path = full, .meta = &n->meta, .target = n->target, .links = 1};
	int r = cancel_check(err);

	if (r < 0)
		return r;
	if (a->o->origins) {
		e.source = a->o->origins[n->origin].source;
		e.location = a->o->origins[n->origin].location;
	}
	if (is_skipped(a, path))
		return TREE_WALK_SKIP;
	if (!n->parent && !a->o->with_root)
		return 0;
	if (is_shared(n))
		share(a, n, &e);
	if (S_ISREG(n->meta.mode)) {
		e.size = n->file->size;
		content = tree_open_file(a->t, n);
	}
	return a->w->add(a->w, &e, content, err);
}

int image_add_tree(struct image_writer *w, const struct tree *t, const struct image_tree_options *o,
	struct werr **err)
{
	struct adding a = {w, t, o, {0}};
	int r = tree_walk(t, count_names, &a, err);

	if (r == 0)
		r = tree_walk(t, add_node, &a, err);
	link_map_clear(&a.links);
	return r;
}
