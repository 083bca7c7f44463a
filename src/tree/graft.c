/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/graft.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "tree/tree-impl.h"

struct graft {
	struct tree *to;
	struct tree *from;
	const char *prefix;
	struct tree_file *
		*files; /* by the id of a shared file: its counterpart in `to`, referenced */
	bool links;     /* the second pass: names that are hard links */
};

/* The counterpart of a file that has several names, created at the first one. */
static int shared_file(
	struct graft *g, const struct tree_node *n, struct tree_file **ret, struct werr **err)
{
	CLEANUP(reader) struct reader *content = NULL;
	struct tree_file **file = &g->files[n->file->id];
	int r = 0;

	if (!*file && S_ISREG(n->meta.mode)) {
		content = tree_open_file(g->from, n);
		r = tree_store_content(g->to, &n->meta, content, file, err);
	} else if (!*file) {
		*file = tree_file_new(g->to);
	}
	if (r < 0)
		return r;
	(*file)->links++;
	*ret = *file;
	return 0;
}

static bool is_dir(const struct tree *t, const char *path)
{
	const struct tree_node *n = tree_resolve(t, path);

	return n && tree_node_is_dir(n);
}

static int graft_node(struct graft *g, struct tree_node *n, const char *below, struct werr **err)
{
	CLEANUP(free) char *path = path_join(g->prefix, below);
	struct placement p = {path, &n->meta, n->target, NULL, NULL};
	CLEANUP(reader) struct reader *content = NULL;
	struct tree_node *made = NULL;
	int r;

	if ((n->link != NULL) != g->links || (n->implied && is_dir(g->to, path)))
		return 0;
	if (n->file && n->file->links > 1) {
		r = shared_file(g, n, &p.file, err);
	} else {
		content = S_ISREG(n->meta.mode) ? tree_open_file(g->from, n) : NULL;
		r = tree_store_content(g->to, &n->meta, content, &p.file, err);
	}
	if (r == 0)
		r = tree_merge_place(g->to, &p, &made, err);
	if (r == 0 && made && n->link)
		tree_node_set_link(g->to, made, n->link);
	return r;
}

/* Nothing needs it any more; but names of one file are counted until the last one is there. */
static bool is_done(const struct graft *g, const struct tree_node *n)
{
	return !g->links && n->n == 0 && !n->link && (!n->file || n->file->links == 1);
}

/* What is done is freed at once, so that there are never two whole trees. */
static int graft_children(
	struct graft *g, struct tree_node *dir, struct buf *path, struct werr **err)
{
	size_t start = path->len;
	uint32_t kept = 0;
	int r = 0;

	tree_node_settle(dir);
	for (uint32_t i = 0; i < dir->n; i++) {
		struct tree_node *child = dir->children[i];

		if (start > 0)
			buf_putc(path, '/');
		buf_puts(path, child->name);
		if (r == 0)
			r = graft_node(g, child, buf_str(path), err);
		if (r == 0)
			r = graft_children(g, child, path, err);
		buf_truncate(path, start);
		if (r == 0 && is_done(g, child))
			tree_node_free(g->from, child);
		else
			dir->children[kept++] = child;
	}
	dir->n = dir->sorted = kept;
	return r;
}

int tree_graft(struct tree *to, const char *prefix, struct tree *from, struct werr **err)
{
	CLEANUP(buf) struct buf path = BUF_INIT(TREE_PATH_MAX);

	struct graft g = {.to = to, .from = from, .prefix = prefix};
	CLEANUP(free)
	struct tree_file **files = mem_new_array(struct tree_file *, from->last_id + 1);
	int r;

	g.files = files;
	r = graft_children(&g, from->root, &path, err);
	g.links = true;
	if (r == 0)
		r = graft_children(&g, from->root, &path, err);
	for (uint64_t id = 0; id <= from->last_id; id++)
		if (files[id])
			tree_file_unref(files[id]);
	return r;
}
