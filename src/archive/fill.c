/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/fill.h"

#include <stdlib.h>
#include <string.h>

#include "archive/archive-impl.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

/* ---- for later ---- */

struct fill_listed {
	struct fill_entry entry;
	char *path, *target, *same_as; /* owned */
};

void fill_list_cleanup(struct fill_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->items[i].path);
		free(l->items[i].target);
		free(l->items[i].same_as);
	}
	free(l->items);
	*l = (struct fill_list){0};
}

int fill_list_add(const struct fill_entry *e, ATTR_UNUSED struct reader *content, void *ctx,
	struct werr **err)
{
	struct fill_list *l = ctx;
	struct fill_listed item = {*e, str_dup(e->path), str_dup(e->target), str_dup(e->same_as)};

	item.entry.path = item.path;
	item.entry.target = item.target;
	item.entry.same_as = item.same_as;
	mem_grow(&l->items, l->n, &l->cap, sizeof(*l->items));
	l->items[l->n++] = item;
	l->memory += sizeof(item) + strlen(e->path) + (e->target ? strlen(e->target) : 0);
	if (l->memory > TREE_MEMORY_MAX)
		return werr_set(
			err, WERR_LIMIT, "names take more than %d MiB", TREE_MEMORY_MAX >> 20);
	return 0;
}

int fill_list_visit(const struct fill_list *l, fill_visit *visit, void *ctx, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->n; i++) {
		r = visit(&l->items[i].entry, NULL, ctx, err);
		if (r < 0)
			werr_wrap(err, "%.300s", l->items[i].path);
	}
	return r;
}

/* ---- the tree ---- */

/* Of a file with several names: `path` is one that has the bytes, or the first one. */
struct fill {
	struct tree *tree;
	bool with_contents;
	struct link_map links; /* value: the names have the bytes */
	uint64_t last_file;
};

struct fill *fill_new(struct tree *t, bool with_contents)
{
	struct fill *c = mem_new(struct fill);

	c->tree = t;
	c->with_contents = with_contents;
	return c;
}

void fill_free(struct fill *c)
{
	if (!c)
		return;
	link_map_clear(&c->links);
	free(c);
}

static int put_file(
	struct fill *c, const struct fill_entry *e, struct reader *content, struct werr **err)
{
	struct tree_node *n = NULL;
	int r = content && c->with_contents
			? tree_merge(c->tree, e->path, &e->meta, NULL, content, NULL, &n, err)
			: tree_merge_sized(c->tree, e->path, &e->meta, e->size, &n, err);

	if (r == 0 && n && n->file)
		c->last_file = n->file->id;
	return r;
}

uint64_t fill_last_file(const struct fill *c)
{
	return c->last_file;
}

/* Make a name one of the file that another name has, if it still has one. */
static int link_name(struct fill *c, const char *path, const char *to, struct werr **err)
{
	CLEANUP(free) char *real = NULL;
	struct tree_node *n = tree_find_through(c->tree, to);
	int r;

	if (!n || !S_ISREG(n->meta.mode))
		return 0;
	r = tree_real_path(c->tree, path, false, &real, err);
	/* Its own name. */
	if (r < 0 || tree_find(c->tree, real) == n)
		return r;
	return tree_link(c->tree, real, n, err);
}

static void wait_for_bytes(struct link_slot *s, const char *path)
{
	size_t size = strlen(path) + 1;
	struct link_waiting *w = mem_alloc(sizeof(*w) + size);

	memcpy(w->path, path, size);
	w->next = s->waiting;
	s->waiting = w;
}

/* The names that came before the bytes become names of what has them. */
static int give_bytes(struct fill *c, struct link_slot *s, struct werr **err)
{
	int r = 0;

	while (s->waiting) {
		struct link_waiting *w = s->waiting;

		s->waiting = w->next;
		if (r == 0)
			r = link_name(c, w->path, s->path, err);
		free(w);
	}
	return r;
}

/* Usually the last name comes with the bytes; some programs write them with each. */
static int put_linked(
	struct fill *c, const struct fill_entry *e, struct reader *content, struct werr **err)
{
	struct link_slot *s = link_map_at(&c->links, e->file);
	int r;

	if (s->path && (s->value || e->size == 0)) {
		if (!s->value)
			wait_for_bytes(s, e->path);
		return link_name(c, e->path, s->path, err);
	}
	r = put_file(c, e, content, err);
	if (r < 0)
		return r;
	if (s->path)
		wait_for_bytes(s, s->path);
	str_replace(&s->path, e->path);
	s->value = e->size > 0;
	return give_bytes(c, s, err);
}

int fill_add(const struct fill_entry *e, struct reader *content, void *ctx, struct werr **err)
{
	struct fill *c = ctx;

	c->last_file = 0;
	if (e->begins_archive)
		link_map_clear(&c->links);
	if (e->same_as)
		return link_name(c, e->path, e->same_as, err);
	if (S_ISREG(e->meta.mode))
		return e->links > 1 && e->file ? put_linked(c, e, content, err)
					       : put_file(c, e, content, err);
	return tree_merge(c->tree, e->path, &e->meta, e->target, NULL, NULL, NULL, err);
}
