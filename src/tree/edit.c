/* SPDX-License-Identifier: Apache-2.0 */
/* Adding nodes to a tree and removing them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "tree/tree-impl.h"

const struct tree_meta tree_plain_dir = {.mode = S_IFDIR | 0755};

int tree_clean_path(const char *path, char **ret, struct werr **err)
{
	CLEANUP(free) char *inside = path_clean(path);

	if (!inside && tree_path_escapes(path))
		return werr_set(err, WERR_CORRUPT, "the path leads out of the tree with '..'");
	if (!inside)
		return werr_set(err, WERR_LIMIT,
			"the path is longer than %d bytes, or a name in it longer than 255",
			TREE_PATH_MAX);
	*ret = STEAL(inside);
	return 0;
}

static int check_type(const struct tree_meta *meta, const char *target, struct werr **err)
{
	switch (meta->mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
		return 0;
	case S_IFLNK:
		if (!target || !*target)
			return werr_set(err, WERR_CORRUPT, "the symlink has no target");
		if (strlen(target) > TREE_TARGET_MAX)
			return werr_set(err, WERR_LIMIT,
				"the symlink's target is longer than %d bytes", TREE_TARGET_MAX);
		return 0;
	default:
		return werr_set(err, WERR_CORRUPT, "the file type is unknown");
	}
}

/* Find or create the directory of the last component of path; *ret_name is that component. */
static int make_parent(struct tree *t, const char *path, const struct tree_meta *dirs,
	struct tree_node **ret, const char **ret_name, struct werr **err)
{
	struct tree_node *dir = t->root;
	const char *end;

	for (; (end = strchr(path, '/')); path = end + 1) {
		size_t n = (size_t)(end - path);
		struct tree_node *next = tree_node_child(dir, path, n);

		if (!next || !tree_node_is_dir(next)) {
			CLEANUP(tree_meta) struct tree_meta meta = {0};
			int r = tree_meta_copy(&meta, dirs, err);

			if (r == 0 && !next)
				r = tree_node_add(t, dir, path, n, &next, err);
			if (r < 0)
				return r;
			tree_node_replace(t, next, &meta, NULL, NULL);
			next->implied = dirs == &tree_plain_dir;
		}
		dir = next;
	}
	*ret = dir;
	*ret_name = path;
	return 0;
}

/* Find or create the node. */
static int make_node(
	struct tree *t, const struct placement *p, struct tree_node **ret, struct werr **err)
{
	struct tree_meta own_dirs = tree_plain_dir;
	CLEANUP(free) char *path = NULL;
	struct tree_node *dir, *n;
	const char *name;
	int r = tree_clean_path(p->path, &path, err);

	if (r < 0)
		return r;
	if (!*path) {
		if (!S_ISDIR(p->meta->mode))
			return werr_set(err, WERR_CORRUPT, "the root must be a directory");
		*ret = t->root;
		return 0;
	}
	own_dirs.mtime = p->meta->mtime;
	r = make_parent(t, path, p->dirs ? p->dirs : &own_dirs, &dir, &name, err);
	if (r < 0)
		return r;
	n = tree_node_child(dir, name, strlen(name));
	if (!n)
		r = tree_node_add(t, dir, name, strlen(name), &n, err);
	if (r == 0)
		*ret = n;
	return r;
}

int tree_place(struct tree *t, const struct placement *p, struct tree_node **ret, struct werr **err)
{
	CLEANUP(tree_file) struct tree_file *file = p->file;
	CLEANUP(tree_meta) struct tree_meta meta = {0};
	struct tree_node *n = NULL;
	int r = check_type(p->meta, p->target, err);

	if (r == 0 && t->memory >= TREE_MEMORY_MAX)
		r = werr_set(err, WERR_LIMIT, "names and attributes take more than %d MiB",
			TREE_MEMORY_MAX >> 20);
	if (r == 0)
		r = tree_meta_copy(&meta, p->meta, err);
	if (r == 0)
		r = make_node(t, p, &n, err);
	if (r < 0)
		return r;
	tree_node_replace(t, n, &meta, p->target, STEAL(file));
	if (ret)
		*ret = n;
	return 0;
}

int tree_store_content(struct tree *t, const struct tree_meta *meta, struct reader *content,
	struct tree_file **ret, struct werr **err)
{
	CLEANUP(tree_file) struct tree_file *file = NULL;
	int r = 0;

	if (!S_ISREG(meta->mode))
		return 0;
	file = tree_file_new(t);
	file->offset = t->spool->size;
	if (content)
		r = spool_add_all(t->spool, content, err);
	file->size = t->spool->size - file->offset;
	if (r == 0)
		r = spool_flush(t->spool, err);
	if (r == 0)
		*ret = STEAL(file);
	return r;
}

int tree_put(struct tree *t, const char *path, const struct tree_meta *meta, const char *target,
	struct reader *content, const struct tree_meta *dirs, struct tree_node **ret,
	struct werr **err)
{
	struct placement p = {path, meta, S_ISLNK(meta->mode) ? target : NULL, NULL, dirs};
	int r = tree_store_content(t, meta, content, &p.file, err);

	return r < 0 ? r : tree_place(t, &p, ret, err);
}

int tree_link(struct tree *t, const char *path, struct tree_node *to, struct werr **err)
{
	/*
	 * Making room for the new name can remove `to` itself, so take hold of what is shared
	 * first.
	 */
	CLEANUP(tree_meta) struct tree_meta meta = {0};
	CLEANUP(free) char *target = str_dup(to->target);
	struct tree_node *n = NULL;
	int r;

	if (tree_node_is_dir(to))
		return werr_set(err, WERR_CORRUPT, "a hard link to a directory");
	r = tree_meta_copy(&meta, &to->meta, err);
	if (r < 0)
		return r;
	if (!to->file)
		to->file = tree_file_new(t);
	to->file->links++;
	r = tree_place(
		t, &(struct placement){path, &meta, target, to->file, &tree_plain_dir}, &n, err);
	if (r == 0)
		tree_node_set_link(t, n, &meta);
	return r;
}

void tree_remove(struct tree *t, struct tree_node *n)
{
	children_take(n->parent, n);
	tree_node_free(t, n);
}

/* Remove what lower layers put at or below the node; false when nothing is left of it. */
static bool keep_upper(struct tree *t, struct tree_node *n)
{
	struct tree_meta meta = tree_plain_dir;

	tree_hide_below(t, n);
	if (n->layer == t->layer)
		return true;
	if (n->n == 0)
		return false;
	/* The directory itself is gone; a new one with its name holds what this layer added. */
	tree_node_replace(t, n, &meta, NULL, NULL);
	return true;
}

void tree_hide_below(struct tree *t, struct tree_node *dir)
{
	uint32_t kept = 0;

	/* Once is enough: anything added from now on belongs to this layer. */
	if (dir->cleared == t->layer)
		return;
	dir->cleared = t->layer;
	tree_node_settle(dir);
	for (uint32_t i = 0; i < dir->n; i++) {
		struct tree_node *child = dir->children[i];

		if (keep_upper(t, child))
			dir->children[kept++] = child;
		else
			tree_node_free(t, child);
	}
	dir->n = dir->sorted = kept;
}

void tree_hide(struct tree *t, struct tree_node *n)
{
	if (!keep_upper(t, n))
		tree_node_remove(t, n);
}
