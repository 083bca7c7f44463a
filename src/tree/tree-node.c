/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes: their children, their contents, and their memory cost. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "tree/tree-impl.h"

/* The heap's own bookkeeping for one allocation. */
enum { HEAP_COST = 16 };

static size_t node_cost(size_t name_size)
{
	return offsetof(struct tree_node, name) + name_size + 1 + sizeof(struct tree_node *) +
	       HEAP_COST;
}

static size_t contents_cost(const struct tree_meta *meta, const char *target)
{
	size_t cost = target ? strlen(target) + HEAP_COST : 0;

	for (uint32_t i = 0; i < meta->n_xattrs; i++)
		cost += sizeof(struct tree_xattr) + strlen(meta->xattrs[i].name) +
			meta->xattrs[i].size + 3 * HEAP_COST;
	return cost;
}

int tree_node_add(struct tree *t, struct tree_node *dir, const char *name, size_t n,
	struct tree_node **ret, struct werr **err)
{
	struct tree_node *node;

	if (t->nodes >= TREE_NODES_MAX)
		return werr_set(err, WERR_LIMIT, "more than %d files", TREE_NODES_MAX);
	if (dir->n - dir->husks >= TREE_DIR_ENTRIES_MAX)
		return werr_set(err, WERR_LIMIT, "more than %d names in one directory",
			TREE_DIR_ENTRIES_MAX);
	node = children_revive(dir, name, n);
	if (!node) {
		node = mem_alloc(sizeof(*node) + n + 1);
		memcpy(node->name, name, n);
		children_add(dir, node);
	}
	node->parent = dir;
	node->layer = t->layer;
	node->origin = t->origin;
	t->unsettled |= dir->sorted < dir->n;
	t->nodes++;
	t->memory += node_cost(n);
	*ret = node;
	return 0;
}

static void reset(struct tree *t, struct tree_node *n)
{
	t->memory -= contents_cost(&n->meta, n->target);
	tree_meta_clear(&n->meta);
	if (n->link)
		t->memory -= sizeof(*n->link);
	free(STEAL(n->link));
	free(STEAL(n->target));
	if (n->file)
		tree_file_unref(STEAL(n->file));
}

void tree_node_replace(struct tree *t, struct tree_node *n, struct tree_meta *meta,
	const char *target, struct tree_file *file)
{
	if (!S_ISDIR(meta->mode))
		tree_node_free_children(t, n);
	reset(t, n);
	n->meta = *meta;
	*meta = (struct tree_meta){0};
	n->target = str_dup(target);
	n->file = file;
	n->implied = false;
	n->layer = t->layer;
	n->origin = t->origin;
	t->memory += contents_cost(&n->meta, target);
}

void tree_node_set_link(struct tree *t, struct tree_node *n, const struct tree_meta *meta)
{
	if (!n->link) {
		n->link = mem_new(struct tree_meta);
		t->memory += sizeof(*n->link);
	}
	*n->link = *meta;
	n->link->xattrs = NULL;
	n->link->n_xattrs = 0;
}

void tree_node_free_children(struct tree *t, struct tree_node *n)
{
	for (uint32_t i = 0; i < n->n; i++)
		if (n->children[i]->husk)
			free(n->children[i]);
		else
			tree_node_free(t, n->children[i]);
	free(STEAL(n->children));
	n->n = n->cap = n->sorted = n->husks = 0;
}

/* Free what the node holds, but not the node itself. */
static void empty(struct tree *t, struct tree_node *n)
{
	tree_node_free_children(t, n);
	reset(t, n);
	t->memory -= node_cost(strlen(n->name));
	t->nodes--;
}

void tree_node_free(struct tree *t, struct tree_node *n)
{
	empty(t, n);
	free(n);
}

void tree_node_remove(struct tree *t, struct tree_node *n)
{
	struct tree_node *dir = n->parent;

	empty(t, n);
	n->cleared = 0;
	n->implied = false;
	if (children_drop(dir, n))
		free(n);
	t->unsettled |= dir->husks > 0;
}

static int by_name(const void *a, const void *b)
{
	const struct tree_xattr *x = a, *y = b;

	return strcmp(x->name, y->name);
}

bool tree_meta_has_xattr(const struct tree_meta *m, const char *name)
{
	for (uint32_t i = 0; i < m->n_xattrs; i++)
		if (str_eq(m->xattrs[i].name, name))
			return true;
	return false;
}

int tree_meta_copy(struct tree_meta *dst, const struct tree_meta *src, struct werr **err)
{
	if (src->n_xattrs > TREE_XATTRS_MAX)
		return werr_set(
			err, WERR_LIMIT, "more than %d extended attributes", TREE_XATTRS_MAX);
	for (uint32_t i = 0; i < src->n_xattrs; i++)
		if (src->xattrs[i].size > TREE_XATTR_SIZE_MAX)
			return werr_set(err, WERR_LIMIT,
				"the extended attribute %s is larger than %d KiB",
				src->xattrs[i].name, TREE_XATTR_SIZE_MAX >> 10);
	*dst = *src;
	dst->xattrs = src->n_xattrs ? mem_new_array(struct tree_xattr, src->n_xattrs) : NULL;
	for (uint32_t i = 0; i < src->n_xattrs; i++) {
		dst->xattrs[i].name = str_dup(src->xattrs[i].name);
		dst->xattrs[i].value = mem_dup(src->xattrs[i].value, src->xattrs[i].size);
		dst->xattrs[i].size = src->xattrs[i].size;
	}
	if (dst->n_xattrs)
		qsort(dst->xattrs, dst->n_xattrs, sizeof(*dst->xattrs), by_name);
	return 0;
}

void tree_meta_clear(struct tree_meta *m)
{
	for (uint32_t i = 0; i < m->n_xattrs; i++) {
		free(m->xattrs[i].name);
		free(m->xattrs[i].value);
	}
	free(STEAL(m->xattrs));
	m->n_xattrs = 0;
}

struct tree_file *tree_file_new(struct tree *t)
{
	struct tree_file *f = mem_new(struct tree_file);

	f->id = ++t->last_id;
	f->links = 1;
	return f;
}

void tree_file_unref(struct tree_file *f)
{
	if (--f->links == 0)
		free(f);
}
