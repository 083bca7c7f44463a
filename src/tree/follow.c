/* SPDX-License-Identifier: Apache-2.0 */
/* Resolving paths through the symlinks of a tree, which is the root directory for them. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "tree/tree-impl.h"

enum { SYMLINKS_MAX = 40, TARGETS_MAX = 16 << 10, PATH_BYTES_MAX = 2 * TREE_PATH_MAX };

bool tree_path_escapes(const char *path)
{
	size_t depth = 0;

	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && memcmp(path, "..", 2) == 0) {
			if (depth-- == 0)
				return true;
		} else if (n > 0 && !(n == 1 && *path == '.')) {
			depth++;
		}
		path += n + (path[n] == '/');
	}
	return false;
}

struct tree_node *tree_find(const struct tree *t, const char *path)
{
	struct tree_node *n = t->root;

	while (n && *path) {
		size_t size = strcspn(path, "/");

		if (size > 0 && !(size == 1 && *path == '.'))
			n = tree_node_child(n, path, size);
		path += size + (path[size] == '/');
	}
	return n;
}

/* The node that the first name of *path denotes in n, or NULL; moves *path past that name. */
static struct tree_node *next_node(struct tree_node *n, const char **path)
{
	const char *name = *path;
	size_t size = strcspn(name, "/");

	*path += size + (name[size] == '/');
	if (!tree_node_is_dir(n))
		return NULL;
	if (size == 2 && memcmp(name, "..", 2) == 0)
		return n->parent ? n->parent : n;
	if (size == 0 || (size == 1 && *name == '.'))
		return n;
	return tree_node_child(n, name, size);
}

int tree_trace(const struct tree *t, const char *path, tree_step *step, void *ctx,
	struct tree_node **ret, struct werr **err)
{
	CLEANUP(free) char *rest = str_dup(path);
	struct tree_node *at = t->root, *n;
	unsigned symlinks = 0;

	*ret = NULL;
	for (const char *p = rest; *p;) {
		int r;

		n = next_node(at, &p);
		if (!n)
			return 0;
		r = step ? step(n, ctx, err) : 0;
		if (r < 0)
			return r;
		if (S_ISLNK(n->meta.mode)) {
			char *longer = str_printf("%s/%s", n->target, p);

			if (++symlinks > SYMLINKS_MAX) {
				free(longer);
				return 0;
			}
			if (n->target[0] == '/')
				at = t->root;
			free(rest);
			p = rest = longer;
			continue;
		}
		at = n;
	}
	*ret = at;
	return 0;
}

struct tree_node *tree_resolve(const struct tree *t, const char *path)
{
	struct tree_node *n;

	tree_trace(t, path, NULL, NULL, &n, NULL);
	return n;
}

/* The state of resolving a path. */
struct way {
	const struct tree *t;
	enum follow follow;
	bool whole;        /* a symlink at the end is followed, too */
	struct buf done;   /* the resolved part of the path */
	char *rest;        /* what is still to be resolved */
	unsigned symlinks; /* followed so far */
	size_t targets; /* bytes of their targets; bounded, since hostile layers have many paths */
};

static void way_cleanup(struct way *w)
{
	buf_clear(&w->done);
	free(w->rest);
}

static bool counts(const struct way *w, const struct tree_node *n)
{
	return n && (w->follow == FOLLOW_ALL || n->layer == w->t->layer);
}

static int go_through(
	struct way *w, const struct tree_node *link, const char *rest, struct werr **err)
{
	char *longer;

	w->targets += strlen(link->target);
	if (++w->symlinks > SYMLINKS_MAX || w->targets > TARGETS_MAX)
		return werr_set(err, WERR_CORRUPT,
			"the path leads through more than %d symlinks, or %d KiB of them",
			SYMLINKS_MAX, TARGETS_MAX >> 10);
	longer = str_printf("%s/%s", link->target, rest);
	path_go_up(&w->done);
	if (link->target[0] == '/')
		buf_truncate(&w->done, 0);
	free(w->rest);
	w->rest = longer;
	return 0;
}

static int not_a_dir(const struct way *w, struct werr **err)
{
	CLEANUP(free) char *where = layer_printable(buf_str(&w->done));

	return werr_set(err, WERR_CORRUPT,
		w->symlinks ? "the path leads through a symlink to %s, which is not a directory"
			    : "the path leads through %s, which is not a directory",
		where);
}

/* Resolve the next name, of size bytes; *rest is what follows it. */
static int go_into(
	struct way *w, const char *name, size_t size, const char **rest, struct werr **err)
{
	bool last = (*rest)[strspn(*rest, "/")] == 0;
	const struct tree_node *n;

	if (w->done.len)
		buf_putc(&w->done, '/');
	buf_add(&w->done, name, size);
	n = tree_find(w->t, buf_str(&w->done));
	if (!counts(w, n) || (last && !w->whole) || tree_node_is_dir(n))
		return 0;
	if (S_ISLNK(n->meta.mode)) {
		int r = go_through(w, n, *rest, err);

		*rest = r < 0 ? "" : w->rest;
		return r;
	}
	/*
	 * A file in the path that no symlink led to may be replaced; that is for the caller to
	 * decide.
	 */
	return w->symlinks > 0 || (!last && w->follow == FOLLOW_ALL) ? not_a_dir(w, err) : 0;
}

static int go(struct way *w, struct werr **err)
{
	const char *p = w->rest;
	int r = 0;

	while (r == 0 && *p) {
		size_t size = strcspn(p, "/");
		const char *name = p;

		p += size + (p[size] == '/');
		if (size == 2 && memcmp(name, "..", 2) == 0)
			path_go_up(&w->done);
		else if (size > 0 && !(size == 1 && *name == '.'))
			r = go_into(w, name, size, &p, err);
	}
	if (r == 0 && buf_error(&w->done) < 0)
		r = werr_set(
			err, WERR_LIMIT, "the path is too long once its symlinks are followed");
	return r;
}

/* Whether there is a symlink to follow. Mostly there is none, and the path stays as it is. */
static bool has_symlink(const struct way *w)
{
	const struct tree_node *n = w->t->root;

	for (const char *p = w->rest; n && *p;) {
		size_t size = strcspn(p, "/");
		bool last = p[size + strspn(p + size, "/")] == 0;

		if (size == 2 && memcmp(p, "..", 2) == 0)
			return true;
		if (size > 0 && !(size == 1 && *p == '.'))
			n = tree_node_child(n, p, size);
		if (counts(w, n) && !tree_node_is_dir(n) && (!last || w->whole))
			return true;
		p += size + (p[size] == '/');
	}
	return false;
}

int tree_follow(const struct tree *t, const char *path, enum follow follow, bool whole, char **ret,
	struct werr **err)
{
	CLEANUP(way)
	struct way w = {.t = t, .follow = follow, .whole = whole, .done = BUF_INIT(PATH_BYTES_MAX)};
	int r;

	w.rest = str_dup(path);
	if (has_symlink(&w)) {
		r = go(&w, err);
		if (r < 0)
			return r;
		free(w.rest);
		w.rest = str_dup(buf_str(&w.done));
	}
	*ret = STEAL(w.rest);
	return 0;
}

struct tree_node *tree_find_through(const struct tree *t, const char *path)
{
	CLEANUP(free) char *real = NULL;

	return tree_follow(t, path, FOLLOW_ALL, false, &real, NULL) < 0 ? NULL : tree_find(t, real);
}

int tree_real_path(
	const struct tree *t, const char *path, bool whole, char **ret, struct werr **err)
{
	return tree_follow(t, path, FOLLOW_ALL, whole, ret, err);
}
