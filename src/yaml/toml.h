/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader of TOML (1.0) for single settings in other tools' configurations:
 * tables, arrays of tables, keys, strings of one line, booleans, numbers. Arrays and inline tables
 * are checked and skipped. Multi-line strings are refused.
 */
#ifndef WHERRY_YAML_TOML_H
#define WHERRY_YAML_TOML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { TOML_SIZE_MAX = 1 << 20, TOML_NESTING_MAX = 16 };

enum toml_kind {
	TOML_TABLE, /* a header: [table] */
	TOML_ENTRY, /* a header of an array's next table: [[table]] */
	TOML_STRING,
	TOML_BOOL,  /* text: "true" or "false" */
	TOML_OTHER, /* a number or date; its text as written */
	TOML_GROUP, /* an array or inline table, which was skipped; text is "" */
};

struct toml_item {
	enum toml_kind kind;
	unsigned line;
	const char *key;  /* its parts joined by dots, without quotes */
	const char *text; /* of the value */
};

/* Called for each header and each key, in the order of the text. */
typedef int toml_visit(const struct toml_item *item, void *ctx, struct werr **err);

/*
 * WERR_INVALID with file (name) and line for what is not TOML or not supported; WERR_LIMIT beyond
 * the limits above.
 */
int toml_parse(const char *name, const char *text, size_t size, toml_visit *visit, void *ctx,
	struct werr **err);

#endif
