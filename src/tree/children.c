/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The children of a directory, found by name. In a small directory, or when names arrive in order,
 * a child is inserted at its place at once. In a large one, children that arrive out of order are
 * collected after the sorted ones and merged in batches, and removed ones stay as husks until then:
 * otherwise each name of a hostile layer could cost moving half a million others.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/tree-impl.h"

enum { BATCH = 1024 };

/* Find where the name is, or would be, among children[low..high), which are sorted. */
static uint32_t search(const struct tree_node *dir, uint32_t low, uint32_t high, const char *name,
	size_t n, bool *ret_found)
{
	uint32_t end = high;

	*ret_found = false;
	while (low < high) {
		/* Names mostly arrive in order, so try the end first. */
		uint32_t at = high == end ? high - 1 : low + (high - low) / 2;
		const char *there = dir->children[at]->name;
		int order = strncmp(name, there, n);

		if (order == 0 && there[n] == 0) {
			*ret_found = true;
			return at;
		}
		if (order > 0)
			low = at + 1;
		else
			high = at;
	}
	return low;
}

/* Find a child, or a husk, by its name. */
static struct tree_node *find(const struct tree_node *dir, const char *name, size_t n)
{
	bool found;
	uint32_t at = search(dir, 0, dir->sorted, name, n, &found);

	if (!found)
		at = search(dir, dir->sorted, dir->n, name, n, &found);
	return found ? dir->children[at] : NULL;
}

struct tree_node *tree_node_child(const struct tree_node *dir, const char *name, size_t n)
{
	struct tree_node *child = find(dir, name, n);

	return child && !child->husk ? child : NULL;
}

struct tree_node *children_revive(struct tree_node *dir, const char *name, size_t n)
{
	struct tree_node *child = dir->husks ? find(dir, name, n) : NULL;

	if (!child || !child->husk)
		return NULL;
	child->husk = false;
	dir->husks--;
	return child;
}

static void insert_at(struct tree_node *dir, uint32_t at, struct tree_node *child)
{
	if (dir->n == dir->cap) {
		dir->cap = dir->cap ? dir->cap + dir->cap / 2 : 4;
		dir->children = mem_resize(dir->children, dir->cap, sizeof(struct tree_node *));
	}
	memmove(dir->children + at + 1, dir->children + at, (dir->n - at) * sizeof(*dir->children));
	dir->children[at] = child;
	dir->n++;
}

void children_add(struct tree_node *dir, struct tree_node *child)
{
	size_t size = strlen(child->name);
	bool found, settled = dir->sorted == dir->n;
	uint32_t at;

	if (settled) {
		at = search(dir, 0, dir->n, child->name, size, &found);
		if (at == dir->n || dir->n < BATCH) {
			insert_at(dir, at, child);
			dir->sorted = dir->n;
			return;
		}
	}
	at = search(dir, dir->sorted, dir->n, child->name, size, &found);
	insert_at(dir, at, child);
	if (dir->n - dir->sorted >= BATCH)
		tree_node_settle(dir);
}

bool children_drop(struct tree_node *dir, struct tree_node *child)
{
	if (dir->n < BATCH) {
		children_take(dir, child);
		return true;
	}
	child->husk = true;
	if (++dir->husks > dir->n / 2)
		tree_node_settle(dir);
	return false;
}

void children_take(struct tree_node *dir, const struct tree_node *child)
{
	bool found;
	uint32_t at;

	tree_node_settle(dir);
	at = search(dir, 0, dir->n, child->name, strlen(child->name), &found);
	dir->sorted = --dir->n;
	memmove(dir->children + at, dir->children + at + 1, (dir->n - at) * sizeof(*dir->children));
}

static void remove_husks(struct tree_node *dir)
{
	uint32_t kept = 0, sorted = 0;

	for (uint32_t i = 0; i < dir->n; i++) {
		struct tree_node *child = dir->children[i];

		if (i == dir->sorted)
			sorted = kept;
		if (child->husk)
			free(child);
		else
			dir->children[kept++] = child;
	}
	dir->sorted = dir->sorted == dir->n ? kept : sorted;
	dir->n = kept;
	dir->husks = 0;
}

/* Merge the batch into the sorted children before it, starting from the end. */
static void merge_batch(struct tree_node *dir)
{
	struct tree_node **c = dir->children, *batch[BATCH];
	uint32_t low = dir->sorted, left = dir->n - dir->sorted, to = dir->n;

	memcpy(batch, c + low, left * sizeof(*batch));
	while (left > 0)
		if (low > 0 && strcmp(c[low - 1]->name, batch[left - 1]->name) > 0)
			c[--to] = c[--low];
		else
			c[--to] = batch[--left];
	dir->sorted = dir->n;
}

void tree_node_settle(struct tree_node *dir)
{
	if (dir->husks > 0)
		remove_husks(dir);
	if (dir->sorted < dir->n)
		merge_batch(dir);
}
