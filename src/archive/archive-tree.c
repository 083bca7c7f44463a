/* SPDX-License-Identifier: Apache-2.0 */
/* A tree as members of an archive. */
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"
#include "archive/archive-impl.h"

struct adding {
	struct archiver *w;
	const struct tree *t;
	const struct archive_tree_options *o;
	struct tree_node *top;
	/* Of each shared file: the number of its names that are added, and as value its
	 * file_id. */
	struct link_map links;
};

static bool is_skipped(const struct adding *a, const char *path)
{
	return a->o->skip && *path && a->o->skip(path, a->o->ctx);
}

static bool is_elsewhere(const struct adding *a, const char *path)
{
	return a->o->elsewhere && *path && a->o->elsewhere(path, a->o->ctx);
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
	if (is_shared(n) && !is_elsewhere(a, path)) {
		struct link_slot *s = link_map_at(&a->links, n->file->id);

		s->names++;
		if (!s->primary || (!a->o->once && s->primary->link && !n->link))
			s->primary = n;
	}
	return 0;
}

static void share(struct adding *a, const struct tree_node *n, struct archive_member *e)
{
	struct link_slot *s = link_map_at(&a->links, n->file->id);

	if (s->names < 2)
		return;
	if (s->value == 0)
		s->value = ++a->w->file_ids;
	e->file_id = s->value;
	e->links = s->names;
}

static int write_node(struct adding *a, struct tree_node *n, const char *path, struct werr **err)
{
	const char *prefix = a->o->prefix ? a->o->prefix : "";
	CLEANUP(free)
	char *full = str_printf("%s%s%s", prefix, *prefix && *path ? "/" : "", path);
	CLEANUP(reader) struct reader *content = NULL;
	struct archive_member e = {.path = full,
		.meta = &n->meta,
		.target = n->target,
		.links = 1,
		.link_meta = n->link};

	if (a->o->origins) {
		e.source = a->o->origins[n->origin].source;
		e.location = a->o->origins[n->origin].location;
	}
	if (is_shared(n))
		share(a, n, &e);
	if (S_ISREG(n->meta.mode)) {
		e.size = n->file->size;
		content = tree_open_file(a->t, n);
	}
	return a->w->add(a->w, &e, content, err);
}

/* Does this name have to wait for the one that isn't a hard link? */
static bool waits(struct adding *a, struct tree_node *n, const char *path)
{
	struct link_slot *s = is_shared(n) ? link_map_at(&a->links, n->file->id) : NULL;
	struct link_waiting *w;

	/* The slot has an id once a name was written. */
	if (!s || s->primary == n || s->value)
		return false;
	w = mem_alloc(sizeof(*w) + strlen(path) + 1);
	w->node = n;
	w->next = s->waiting;
	s->waiting = w;
	memcpy(w->path, path, strlen(path));
	return true;
}

/*
 * Write a directory and those above it again, so that unpacking restores their times; the root
 * needs none.
 */
static int write_dirs(struct adding *a, struct tree_node *dir, struct werr **err)
{
	CLEANUP(free) char *path = tree_path(dir);
	CLEANUP(free) char *top = tree_path(a->top);
	int r;

	if (dir == a->top)
		return 0;
	r = write_dirs(a, dir->parent, err);
	return r < 0 ? r : write_node(a, dir, path + strlen(top) + (*top != 0), err);
}

/*
 * Write the names that waited for this one. Their directories are then out of order, and so is
 * ours.
 */
static int write_waiting(struct adding *a, const struct tree_node *n, struct werr **err)
{
	struct link_slot *s = is_shared(n) ? link_map_at(&a->links, n->file->id) : NULL;
	struct link_waiting *w = s && s->primary == n ? s->waiting : NULL;
	bool left = false;
	int r = 0;

	for (; r == 0 && w; w = w->next) {
		r = write_node(a, w->node, w->path, err);
		if (r == 0 && w->node->parent != n->parent) {
			r = write_dirs(a, w->node->parent, err);
			left = true;
		}
	}
	return r == 0 && left ? write_dirs(a, n->parent, err) : r;
}

static int add_node(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	struct adding *a = ctx;
	int r = cancel_check(err);

	if (r < 0)
		return r;
	if (is_skipped(a, path))
		return TREE_WALK_SKIP;
	if ((n == a->top && !a->o->with_root) || (n->implied && a->o->explicit_only) ||
		is_elsewhere(a, path) || waits(a, n, path))
		return 0;
	r = write_node(a, n, path, err);
	return r < 0 ? r : write_waiting(a, n, err);
}

int archiver_add_tree(struct archiver *w, const struct tree *t,
	const struct archive_tree_options *o, struct werr **err)
{
	struct adding a = {.w = w, .t = t, .o = o, .top = o->top ? o->top : t->root};
	int r = tree_walk_from(a.top, count_names, &a, err);

	if (r == 0)
		r = tree_walk_from(a.top, add_node, &a, err);
	link_map_clear(&a.links);
	return r;
}
