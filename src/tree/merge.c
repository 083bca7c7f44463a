/* SPDX-License-Identifier: Apache-2.0 */
/* Adding nodes to a tree without losing any: directories and symlinks to directories are joined. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "tree/tree-impl.h"

/* Moving the contents of a directory may put another symlink over a directory, and so on. */
enum { SYMLINKS_OVER_DIRS_MAX = 8 };

struct merge {
	struct tree *t;
	unsigned depth;
	const char *top;               /* the path that moved nodes were below */
	const struct tree_node *moved; /* the node that is being moved, or NULL */
};

static int merge_at(
	struct merge *m, const struct placement *p, struct tree_node **ret, struct werr **err);

/* Put a node of a replaced directory where the symlink that replaced it leads. */
static int move_node(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	const struct merge *from = ctx;
	struct merge m = {.t = from->t, .depth = from->depth, .moved = n};
	CLEANUP(free) char *full = str_printf("%s%s%s", from->top, *path ? "/" : "", path);
	struct placement p = {full, &n->meta, n->target, n->file, &tree_plain_dir};
	struct tree_node *made = NULL;
	uint32_t origin = m.t->origin;
	int r;

	if (n->file)
		n->file->links++;
	m.t->origin = n->origin;
	r = merge_at(&m, &p, &made, err);
	m.t->origin = origin;
	if (r < 0 || !made)
		return r;
	made->implied = n->implied;
	if (n->link)
		tree_node_set_link(m.t, made, n->link);
	return 0;
}

/* Replace a non-empty directory by a symlink; its contents move to where the symlink leads. */
static int link_over_dir(struct merge *m, struct tree_node *dir, const struct placement *p,
	struct tree_node **ret, struct werr **err)
{
	struct tree_node *moved;
	struct merge below = {.t = m->t, .depth = m->depth + 1, .top = p->path};
	int r;

	if (m->depth >= SYMLINKS_OVER_DIRS_MAX)
		return werr_set(
			err, WERR_INVALID, "too many symlinks take the place of directories");
	moved = mem_alloc(sizeof(*moved) + 1);
	*moved = *dir;
	dir->children = NULL;
	dir->n = dir->cap = dir->sorted = dir->husks = 0;
	moved->meta.xattrs = NULL;
	moved->meta.n_xattrs = 0;
	r = tree_meta_copy(&moved->meta, &dir->meta, err);
	if (r == 0)
		r = tree_place(m->t, p, ret, err);
	if (r == 0)
		r = tree_walk_from(moved, move_node, &below, err);
	tree_node_free_children(m->t, moved);
	tree_meta_clear(&moved->meta);
	free(moved);
	return r;
}

static int refuse(const char *path, struct werr **err)
{
	CLEANUP(free) char *printable = layer_printable(path);

	return werr_set(err, WERR_INVALID,
		"%s is a directory that is not empty, and can't be replaced by a file", printable);
}

/*
 * Whether a moved node must not replace what is there, because that has a later origin or because
 * the moved node is only implied.
 */
static bool stays(const struct merge *m, const struct tree_node *there)
{
	return m->moved && there && (there->origin > m->moved->origin || m->moved->implied);
}

static int merge_at(
	struct merge *m, const struct placement *p, struct tree_node **ret, struct werr **err)
{
	CLEANUP(tree_file) struct tree_file *file = p->file;
	CLEANUP(free) char *path = NULL;
	struct placement at = *p;
	bool is_dir = S_ISDIR(p->meta->mode);
	struct tree_node *there;
	int r = tree_follow(m->t, p->path, FOLLOW_ALL, is_dir, &path, err);

	if (r < 0)
		return r;
	there = tree_find(m->t, path);
	at.path = path;
	at.file = NULL;
	if (there && tree_node_is_dir(there) && there->n > there->husks && !is_dir) {
		if (!S_ISLNK(p->meta->mode))
			return refuse(path, err);
		return link_over_dir(m, there, &at, ret, err);
	}
	if (stays(m, there))
		return 0;
	at.file = STEAL(file);
	return tree_place(m->t, &at, ret, err);
}

int tree_merge_place(
	struct tree *t, const struct placement *p, struct tree_node **ret, struct werr **err)
{
	struct merge m = {.t = t};

	return merge_at(&m, p, ret, err);
}

int tree_merge(struct tree *t, const char *path, const struct tree_meta *meta, const char *target,
	struct reader *content, const struct tree_meta *dirs, struct tree_node **ret,
	struct werr **err)
{
	struct placement p = {path, meta, S_ISLNK(meta->mode) ? target : NULL, NULL, dirs};
	int r = tree_store_content(t, meta, content, &p.file, err);

	return r < 0 ? r : tree_merge_place(t, &p, ret, err);
}

int tree_merge_sized(struct tree *t, const char *path, const struct tree_meta *meta, uint64_t size,
	struct tree_node **ret, struct werr **err)
{
	struct placement p = {.path = path, .meta = meta};
	CLEANUP(tree_file) struct tree_file *file = tree_file_new(t);
	int r;

	file->offset = t->spool->size;
	r = spool_add_hole(t->spool, size, err);
	file->size = t->spool->size - file->offset;
	if (r == 0)
		r = spool_flush(t->spool, err);
	if (r < 0)
		return r;
	p.file = STEAL(file);
	return tree_merge_place(t, &p, ret, err);
}
