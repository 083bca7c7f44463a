/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "tree/tree-impl.h"

int tree_new(struct tree **ret, const char *spool_dir, struct werr **err)
{
	CLEANUP(tree) struct tree *t = mem_new(struct tree);
	int r;

	t->root = mem_alloc(sizeof(struct tree_node) + 1);
	t->root->meta = tree_plain_dir;
	t->nodes = 1;
	r = spool_new(spool_dir, &t->spool, err);
	if (r < 0)
		return r;
	*ret = STEAL(t);
	return 0;
}

void tree_free(struct tree *t)
{
	if (!t)
		return;
	tree_node_free(t, t->root);
	spool_free(t->spool);
	free(t);
}

char *tree_path(const struct tree_node *n)
{
	size_t size = 0;
	char *path;

	for (const struct tree_node *up = n; up->parent; up = up->parent)
		size += strlen(up->name) + 1;
	if (size == 0)
		return str_dup("");
	path = mem_alloc(size);
	size--;
	for (const struct tree_node *up = n; up->parent; up = up->parent) {
		size_t part = strlen(up->name);

		size -= part;
		memcpy(path + size, up->name, part);
		if (size > 0)
			path[--size] = '/';
	}
	return path;
}

struct reader *tree_open_file(const struct tree *t, const struct tree_node *n)
{
	struct io_range range = tree_file_range(t, n);

	return fd_range_reader_new(range.fd, n->name, range.offset, range.size);
}

struct io_range tree_file_range(const struct tree *t, const struct tree_node *n)
{
	return (struct io_range){
		t->spool->fd, n->file ? n->file->offset : 0, n->file ? n->file->size : 0};
}

static int walk(
	struct tree_node *n, struct buf *path, tree_visit *visit, void *ctx, struct werr **err)
{
	size_t start = path->len;
	int r;

	tree_node_settle(n);
	r = visit(n, buf_str(path), ctx, err);
	if (r == TREE_WALK_SKIP)
		return 0;
	for (uint32_t i = 0; r == 0 && i < n->n; i++) {
		if (start > 0)
			buf_putc(path, '/');
		buf_puts(path, n->children[i]->name);
		r = walk(n->children[i], path, visit, ctx, err);
		buf_truncate(path, start);
	}
	return r;
}

int tree_walk_from(struct tree_node *top, tree_visit *visit, void *ctx, struct werr **err)
{
	CLEANUP(buf) struct buf path = BUF_INIT(TREE_PATH_MAX);

	return walk(top, &path, visit, ctx, err);
}

int tree_walk(const struct tree *t, tree_visit *visit, void *ctx, struct werr **err)
{
	return tree_walk_from(t->root, visit, ctx, err);
}
