/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a map of YAML into a struct, by a table of its keys. */
#ifndef WHERRY_PKG_FIELDS_H
#define WHERRY_PKG_FIELDS_H

#include "base/str.h"
#include "data/node.h"

/* Mistakes are collected here, so that all of a file are told at once. */
struct fields_context {
	const struct document *document;
	const char *dir; /* the package's folder */
	struct werr *errors;
};

struct field {
	const char *key;
	/* Reads the value n into dst, which is at `offset` in the struct; mistakes go to fields_error(). */
	void (*read)(struct fields_context *c, const char *key, const struct node *n, void *dst);
	size_t offset;
	bool required;
};

/* what: "build.yml", "files[2]": for messages. A field with key NULL ends the table. */
void fields_read(struct fields_context *c, const char *what, const struct node *map,
	const struct field *fields, void *dst);
void fields_error(struct fields_context *c, const struct node *n, const char *fmt, ...)
	ATTR_PRINTF(3, 4);

/* Readers: char *, bool, a struct strv of texts, and what is accepted and ignored. */
void field_text(struct fields_context *c, const char *key, const struct node *n, void *dst);
void field_bool(struct fields_context *c, const char *key, const struct node *n, void *dst);
void field_texts(struct fields_context *c, const char *key, const struct node *n, void *dst);
void field_ignored(struct fields_context *c, const char *key, const struct node *n, void *dst);

/* true when n is a list; else the mistake is recorded, unless there is nothing at all. */
bool field_is_list(struct fields_context *c, const char *key, const struct node *n);

#endif
