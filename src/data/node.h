/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document as nodes that know their place. YAML (data/yaml.h) and JSON (data/json.h) become
 * the same nodes, so that one table of keys reads the user's file and an image's label.
 */
#ifndef WHERRY_DATA_NODE_H
#define WHERRY_DATA_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum node_kind { NODE_NULL, NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
	struct document *document; /* that it is in */
	enum node_kind kind;
	unsigned line, column; /* from 1; columns count characters */
	bool quoted; /* scalar: written as text ("1", '1', a block), so never a number or a bool */
	bool binary; /* scalar: it was written as !!binary */
	bool broken; /* it has a mistake that was reported already; for checks */
	const char *text;    /* scalar: its text, NUL-terminated; "" otherwise */
	size_t size;         /* scalar: bytes of text, among which may be NULs ("\0", !!binary) */
	struct node **items; /* list: the elements; map: the values */
	struct node **keys;  /* map: the keys, scalars, unique, in the order of the file */
	size_t n;            /* of items (and keys) */
};

/* Owns its nodes and texts. */
struct document {
	char *name; /* as the user named it, for errors */
	struct node *root;
	unsigned ignored_line; /* where a second YAML document begins, which is not read; 0: none */
	void *arena;           /* data/ only */
};
void document_free(struct document *d);
DEFINE_CLEANUP(struct document *, document_free, document)

/* Gives a scalar another text of size bytes, which is copied. */
void node_set_text(struct node *n, const char *text, size_t size);

/* The value of a key; NULL when n is NULL, not a map, or has no such key. */
const struct node *node_get(const struct node *n, const char *key);
/* The text of a scalar under a key; NULL when there is none, it is not a scalar, or has a NUL
 * inside.
 */
const char *node_get_text(const struct node *n, const char *key);
/* What a node is, for messages: "a list", "a map", "nothing", "text", "a number", "true or false".
 */
const char *node_kind_name(const struct node *n);

/*
 * What a scalar means. A plain one is read as LinuxKit's YAML library reads it: true, True and TRUE
 * are booleans, but yes and on are text; numbers are 12, +12, 1_000, 0x1f, 0o17, 017 (octal),
 * 0b101, 1.5, 1e3, .inf and .nan.
 */
enum scalar_type { SCALAR_TEXT, SCALAR_BOOL, SCALAR_NUMBER };
enum scalar_type node_scalar_type(const struct node *n);
/* A number with a fraction or an exponent: 5.0 and 1e3, but not 0x1e3. */
bool node_is_float(const struct node *n);
/* A plain scalar as a value; false when it is not one. Whole numbers may be written as 1e3 or 5.0
 * (below 2^53). */
bool node_to_bool(const struct node *n, bool *ret);
bool node_to_i64(const struct node *n, int64_t *ret);
bool node_to_u64(const struct node *n, uint64_t *ret);

/* An error at the node, which has a document. -EINVAL. */
int node_error(struct werr **err, const struct node *n, const char *fmt, ...) ATTR_PRINTF(3, 4);
/* Gives an error without a place the place of the node (NULL: none). */
void node_place(struct werr **err, const struct node *n);

#endif
