/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Variables: "${NAME}" and "${NAME:-default}" in the values of YAML files. "$${" is a literal "${";
 * nothing else is special. The default is for a variable that is not set, or empty.
 */
#ifndef WHERRY_CONFIG_VARIABLES_H
#define WHERRY_CONFIG_VARIABLES_H

#include "base/buf.h"
#include "base/str.h"
#include "config/check.h"

enum {
	VARIABLES_TEXT_MAX = 16 << 20, /* bytes of all replacements of a configuration */
	VARIABLES_DEPTH_MAX = 32,      /* variables in the values of variables in ... */
};

struct variable {
	const char *name, *value;
	size_t rank; /* the highest one of a name counts */
	/* Where it is given; NULL: not in a YAML file, and its value has nothing that is to be
	 * replaced. */
	const struct node *node;
	enum { VARIABLE_RAW, VARIABLE_BUSY, VARIABLE_DONE } state;
};

/* {0} is empty. Later additions win. */
struct variables {
	struct variable *items; /* sorted by name once variables_finish was called */
	size_t n, cap;
	struct strv texts; /* names and values that are not in a document */
	size_t replaced;   /* bytes */
	bool given_only;   /* the files' own are not among them (for hints) */
};
void variables_cleanup(struct variables *v);

/* "NAME=value". */
int variables_add_setting(struct variables *v, const char *setting, struct werr **err);
/*
 * A file with a NAME=value on each line; name is for errors. White space around it, empty lines,
 * lines that begin with '#', a leading "export ", and a pair of quotes around the value are
 * ignored.
 */
int variables_add_file(
	struct variables *v, const char *name, const char *text, size_t size, struct werr **err);
/* The file's `variables` map; values that are not text are left to the table's check. The document
 * must outlive v. */
void variables_add_map(struct variables *v, const struct document *d);
/* Those of another set, which must outlive v. */
void variables_add_all(struct variables *v, const struct variables *from);
/* To be called after all additions. Mistakes in the values are added to the checker. */
void variables_finish(struct variables *v, struct checker *c);

/* Replaces the variables in the scalar's text; false: a mistake was added. */
bool variables_expand(struct variables *v, struct checker *c, struct node *n);
/* The same for all values of a file except those of `variables` and `include`. */
void variables_expand_all(struct variables *v, struct checker *c, struct document *d);

#endif
