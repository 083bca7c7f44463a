/* SPDX-License-Identifier: Apache-2.0 */
/* Making documents: for parsers, and for code that writes JSON or YAML. */
#ifndef WHERRY_DATA_DOCUMENT_H
#define WHERRY_DATA_DOCUMENT_H

#include "data/node.h"

struct document *document_new(const char *name);
/* The nodes live as long as the document. */
struct node *document_node(struct document *d, enum node_kind kind, unsigned line, unsigned column);
struct node *document_scalar(struct document *d, unsigned line, unsigned column, const char *text,
	size_t size, bool quoted);
/* Copies n pairs of key and value. */
void document_set_map(struct document *d, struct node *map, struct node *const *keys,
	struct node *const *values, size_t n);
void document_set_list(struct document *d, struct node *list, struct node *const *items, size_t n);
/*
 * Give a map a pair, the last one, in the place of those whose key is the same or `old`. By merge
 * keys maps may share their pairs, so it gets new ones.
 */
void document_put(struct node *map, const char *key, struct node *value, const char *old);

#endif
