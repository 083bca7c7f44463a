/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The children of a folder, found by name. In a small folder, and when they come in order, they go
 * to their places at once. In a large one those that come out of order are gathered behind the
 * others and merged in a batch, and those that are removed stay as husks until then: otherwise each
 * name of a hostile layer could cost moving half a million others.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/tree-impl.h"

enum { BATCH = 1024 };

/* Where the name is among children[low..high), which are sorted, or where it would go. */
static uint32_t search(const struct tree_node *folder, uint32_t low, uint32_t high,
	const char *name, size_t n, bool *ret_found)
{
	uint32_t end = high;

	*ret_found = false;
	while (low < high) {
		/* Names mostly come in order: look at the end first. */
		uint32_t at = high == end ? high - 1 : low + (high - low) / 2;
		const char *there = folder->children[at]->name;
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

/* A child by its name, also a husk. */
static struct tree_node *find(const struct tree_node *folder, const char *name, size_t n)
{
	bool found;
	uint32_t at = search(folder, 0, folder->sorted, name, n, &found);

	if (!found)
		at = search(folder, folder->sorted, folder->n, name, n, &found);
	return found ? folder->children[at] : NULL;
}

struct tree_node *tree_node_child(const struct tree_node *folder, const char *name, size_t n)
{
	struct tree_node *child = find(folder, name, n);

	return child && !child->husk ? child : NULL;
}

struct tree_node *children_revive(struct tree_node *folder, const char *name, size_t n)
{
	struct tree_node *child = folder->husks ? find(folder, name, n) : NULL;

	if (!child || !child->husk)
		return NULL;
	child->husk = false;
	folder->husks--;
	return child;
}

static void insert_at(struct tree_node *folder, uint32_t at, struct tree_node *child)
{
	if (folder->n == folder->cap) {
		folder->cap = folder->cap ? folder->cap + folder->cap / 2 : 4;
		folder->children =
			mem_resize(folder->children, folder->cap, sizeof(struct tree_node *));
	}
	memmove(folder->children + at + 1, folder->children + at,
		(folder->n - at) * sizeof(*folder->children));
	folder->children[at] = child;
	folder->n++;
}

void children_add(struct tree_node *folder, struct tree_node *child)
{
	size_t size = strlen(child->name);
	bool found, settled = folder->sorted == folder->n;
	uint32_t at;

	if (settled) {
		at = search(folder, 0, folder->n, child->name, size, &found);
		if (at == folder->n || folder->n < BATCH) {
			insert_at(folder, at, child);
			folder->sorted = folder->n;
			return;
		}
	}
	at = search(folder, folder->sorted, folder->n, child->name, size, &found);
	insert_at(folder, at, child);
	if (folder->n - folder->sorted >= BATCH)
		tree_node_settle(folder);
}

bool children_drop(struct tree_node *folder, struct tree_node *child)
{
	if (folder->n < BATCH) {
		children_take(folder, child);
		return true;
	}
	child->husk = true;
	if (++folder->husks > folder->n / 2)
		tree_node_settle(folder);
	return false;
}

void children_take(struct tree_node *folder, const struct tree_node *child)
{
	bool found;
	uint32_t at;

	tree_node_settle(folder);
	at = search(folder, 0, folder->n, child->name, strlen(child->name), &found);
	folder->sorted = --folder->n;
	memmove(folder->children + at, folder->children + at + 1,
		(folder->n - at) * sizeof(*folder->children));
}

static void remove_husks(struct tree_node *folder)
{
	uint32_t kept = 0, sorted = 0;

	for (uint32_t i = 0; i < folder->n; i++) {
		struct tree_node *child = folder->children[i];

		if (i == folder->sorted)
			sorted = kept;
		if (child->husk)
			free(child);
		else
			folder->children[kept++] = child;
	}
	folder->sorted = folder->sorted == folder->n ? kept : sorted;
	folder->n = kept;
	folder->husks = 0;
}

/* Merge the batch behind the sorted ones into them, from the end. */
static void merge_batch(struct tree_node *folder)
{
	struct tree_node **c = folder->children, *batch[BATCH];
	uint32_t low = folder->sorted, left = folder->n - folder->sorted, to = folder->n;

	memcpy(batch, c + low, left * sizeof(*batch));
	while (left > 0)
		if (low > 0 && strcmp(c[low - 1]->name, batch[left - 1]->name) > 0)
			c[--to] = c[--low];
		else
			c[--to] = batch[--left];
	folder->sorted = folder->n;
}

void tree_node_settle(struct tree_node *folder)
{
	if (folder->husks > 0)
		remove_husks(folder);
	if (folder->sorted < folder->n)
		merge_batch(folder);
}
