/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a map of YAML into a struct, by a table of its keys. */
#ifndef WHERRY_PKG_YML_FIELDS_H
#define WHERRY_PKG_YML_FIELDS_H

#include "base/str.h"
#include "data/node.h"

/* Mistakes are collected here, so that all of a file are reported together. */
struct yml_context {
	const char *dir; /* the package's directory */
	struct werr *errors;
};

/* What a value is, for the JSON Schema. */
enum yml_type {
	YML_ANY,
	YML_TEXT,
	YML_BOOL,
	YML_NUMBER,
	YML_TEXTS, /* a list of text */
	YML_MAP,   /* of the keys in `map` */
	YML_MAPS,  /* a list of such maps */
	YML_ENTRY, /* the keys of an image's label */
};

struct yml_map {
	const char *name; /* in the JSON Schema; unique */
	const struct yml_field *fields;
};

struct yml_field {
	const char *key;
	/*
	 * Read the value n into dst, which is at `offset` in the struct; mistakes go to
	 * yml_error().
	 */
	void (*read)(struct yml_context *c, const char *key, const struct node *n, void *dst);
	size_t offset;
	enum yml_type type;
	const char *help;
	bool required;
	const struct yml_map *map;  /* YML_MAP, YML_MAPS */
	const char *const *choices; /* YML_TEXT: all that is allowed, or NULL */
	const char *hint;           /* when it is required and missing; or NULL */
};

/* Read a map. what: "build.yml", "files[2]": for messages. A field with key NULL ends the table. */
void yml_read(struct yml_context *c, const char *what, const struct node *map,
	const struct yml_field *fields, void *dst);
void yml_error(struct yml_context *c, const struct node *n, const char *fmt, ...) ATTR_PRINTF(3, 4);

/* Readers: char *, bool, and a struct strv of texts. */
void yml_text(struct yml_context *c, const char *key, const struct node *n, void *dst);
void yml_bool(struct yml_context *c, const char *key, const struct node *n, void *dst);
void yml_texts(struct yml_context *c, const char *key, const struct node *n, void *dst);

/* Whether n is a list; else the mistake is recorded, unless n is missing. */
bool yml_is_list(struct yml_context *c, const char *key, const struct node *n);

#endif
