/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a content, in the order in which they are packed: those of one layer after another.
 * Images that share a layer then begin with the same blocks of tails.
 */
#include <stdlib.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"
#include "fs/fs-impl.h"

void fs_names_cleanup(struct fs_names *n)
{
	for (size_t i = 0; i < n->n; i++)
		free(n->items[i].emitted);
	free(n->items);
	free(n->ordered);
	*n = (struct fs_names){0};
}

bool packed_content_skips(const struct packed_content *c, const struct tree *t, const char *path)
{
	const char *rest = c->without && t == c->tree ? str_after(path, c->without) : NULL;

	return rest && *rest;
}

struct listing {
	const struct packed_content *content;
	const struct tree *tree;
	struct fs_names *names;
	bool in_files;
};

static int list(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	struct listing *l = ctx;
	struct fs_names *names = l->names;

	if (packed_content_skips(l->content, l->tree, path) || !n->file)
		return cancel_check(err);
	mem_grow(&names->items, names->n, &names->cap, sizeof(*names->items));
	names->items[names->n] = (struct fs_named){.first = n,
		.in_files = l->in_files,
		.id = n->file->id,
		.order = names->n,
		.number = FS_NONE};
	names->n++;
	return cancel_check(err);
}

/* By tree and id, then in the order of the walk. */
static int compare_ids(const void *a, const void *b)
{
	const struct fs_named *x = a, *y = b;

	if (x->in_files != y->in_files)
		return x->in_files - y->in_files;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* In which they are packed. */
static int compare_order(const void *a, const void *b)
{
	const struct fs_named *x = *(struct fs_named *const *)a, *y = *(struct fs_named *const *)b;

	if (x->in_files != y->in_files)
		return x->in_files - y->in_files;
	if (x->first->layer != y->first->layer)
		return x->first->layer < y->first->layer ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

struct fs_named *fs_names_find(
	const struct fs_names *names, bool in_files, const struct tree_node *n)
{
	size_t low = 0, high = names->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct fs_named *at = &names->items[middle];

		if (at->in_files == in_files && at->id == n->file->id)
			return at;
		if (at->in_files < in_files || (at->in_files == in_files && at->id < n->file->id))
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Keep the first name of each file, and number those that have bytes. */
static void number(struct fs_names *names)
{
	size_t kept = 0, n_regular = 0;

	qsort(names->items, names->n, sizeof(*names->items), compare_ids);
	for (size_t i = 0; i < names->n; i++) {
		const struct fs_named *last = kept ? &names->items[kept - 1] : NULL;

		if (!last || last->id != names->items[i].id ||
			last->in_files != names->items[i].in_files)
			names->items[kept++] = names->items[i];
	}
	names->n = kept;
	names->ordered = mem_new_array(struct fs_named *, kept + 1);
	for (size_t i = 0; i < kept; i++)
		if (S_ISREG(names->items[i].first->meta.mode))
			names->ordered[n_regular++] = &names->items[i];
	qsort(names->ordered, n_regular, sizeof(*names->ordered), compare_order);
	for (size_t i = 0; i < n_regular; i++)
		names->ordered[i]->number = (uint32_t)i;
	names->n_regular = n_regular;
}

int fs_names_list(const struct packed_content *c, struct fs_names *ret, struct werr **err)
{
	struct listing l = {c, c->tree, ret, false};
	int r = tree_walk(c->tree, list, &l, err);

	if (r == 0 && c->files) {
		l = (struct listing){c, c->files, ret, true};
		r = tree_walk(c->files, list, &l, err);
	}
	if (r == 0 && ret->n > 0)
		number(ret);
	return r;
}
