/* SPDX-License-Identifier: Apache-2.0 */
#include "data/document.h"

#include <stdalign.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { CHUNK_SIZE = 16 * 1024 };

/* Nodes are many, small and freed together, so memory comes in chunks, the newest first. */
struct chunk {
	struct chunk *next;
	size_t used, size;
	alignas(max_align_t) char data[];
};

struct document *document_new(const char *name)
{
	struct document *d = mem_new(struct document);

	d->name = str_dup(name);
	return d;
}

void document_free(struct document *d)
{
	if (!d)
		return;
	for (struct chunk *c = d->arena, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(d->name);
	free(d);
}

static struct chunk *chunk_new(size_t size)
{
	struct chunk *c;

	if (!size_add(size, sizeof(*c), &size))
		abort();
	c = mem_alloc(size);
	c->size = size - sizeof(*c);
	return c;
}

/* Zeros; lives as long as the document. */
static void *alloc(struct document *d, size_t n, size_t size)
{
	struct chunk *newest = d->arena;
	void *p;

	if (!size_mul(n, size, &size) || !size_add(size, alignof(max_align_t) - 1, &size))
		abort();
	size &= ~(alignof(max_align_t) - 1);
	if (!newest || size > newest->size - newest->used) {
		struct chunk *c = chunk_new(size > CHUNK_SIZE ? size : CHUNK_SIZE);

		c->next = newest;
		d->arena = newest = c;
	}
	p = newest->data + newest->used;
	newest->used += size;
	return p;
}

struct node *document_node(struct document *d, enum node_kind kind, unsigned line, unsigned column)
{
	struct node *n = alloc(d, 1, sizeof(*n));

	n->document = d;
	n->kind = kind;
	n->line = line;
	n->column = column;
	n->text = "";
	return n;
}

struct node *document_scalar(struct document *d, unsigned line, unsigned column, const char *text,
	size_t size, bool quoted)
{
	struct node *n = document_node(d, NODE_SCALAR, line, column);
	char *copy = alloc(d, size + 1, 1);

	memcpy(copy, text, size);
	n->text = copy;
	n->size = size;
	n->quoted = quoted;
	return n;
}

void node_set_text(struct node *n, const char *text, size_t size)
{
	n->size = size;
	n->text = memcpy(alloc(n->document, size + 1, 1), text, size);
}

static struct node **copy_nodes(struct document *d, struct node *const *nodes, size_t n)
{
	struct node **copy = alloc(d, n, sizeof(*copy));

	if (n > 0)
		memcpy(copy, nodes, n * sizeof(*copy));
	return copy;
}

void document_set_list(struct document *d, struct node *list, struct node *const *items, size_t n)
{
	list->items = copy_nodes(d, items, n);
	list->n = n;
}

void document_set_map(struct document *d, struct node *map, struct node *const *keys,
	struct node *const *values, size_t n)
{
	map->keys = copy_nodes(d, keys, n);
	document_set_list(d, map, values, n);
}

void document_put(struct node *map, const char *key, struct node *value, const char *old)
{
	CLEANUP(free) struct node **keys = mem_new_array(struct node *, map->n + 1);
	CLEANUP(free) struct node **values = mem_new_array(struct node *, map->n + 1);
	struct document *d = map->document;
	size_t n = 0;

	for (size_t i = 0; i < map->n; i++) {
		if (str_eq(map->keys[i]->text, key) || str_eq(map->keys[i]->text, old))
			continue;
		keys[n] = map->keys[i];
		values[n++] = map->items[i];
	}
	keys[n] = document_scalar(d, value->line, value->column, key, strlen(key), true);
	values[n++] = value;
	document_set_map(d, map, keys, values, n);
}
