/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the YAML parser share: libyaml's events become nodes. */
#ifndef WHERRY_YAML_YAML_COMPOSE_H
#define WHERRY_YAML_YAML_COMPOSE_H

#include <yaml.h>

#include "data/document.h"

/* A node that was read, and its size with aliases expanded. */
struct composed {
	struct node *node;
	size_t count;    /* nodes */
	unsigned height; /* levels */
};

struct composer {
	yaml_parser_t parser;
	const char *text; /* the input */
	size_t size;
	struct document *document;
	size_t nodes;          /* so far, with aliases expanded */
	void *anchors;         /* yaml-anchor.c */
	struct werr *mistakes; /* those after which it went on */
	unsigned n_mistakes;
};
enum { YAML_MISTAKES_MAX = 100 };

/* Keys and values of a map while it is read. */
struct yaml_pair {
	struct node *key, *value;
	size_t rank; /* the order in the file; merged pairs come last */
};
struct yaml_pairs {
	struct yaml_pair *items;
	size_t n, cap;
	struct node *merge; /* the value of "<<", or NULL */
};
static inline void yaml_pairs_cleanup(struct yaml_pairs *p)
{
	free(p->items);
}
static inline void yaml_event_cleanup(yaml_event_t *e)
{
	yaml_event_delete(e);
}

/* An error at a mark of libyaml. -EINVAL. */
int yaml_error(struct composer *c, yaml_mark_t mark, struct werr **err, const char *fmt, ...)
	ATTR_PRINTF(4, 5);
/* Keeps e, an error after which the rest can still be read; fails when there are too many. */
int yaml_mistake(struct composer *c, struct werr *e, struct werr **err);
/* What libyaml found wrong, in words for the user. */
int yaml_syntax_error(struct composer *c, struct werr **err);

/* The mistake of a tag that is not supported. */
int yaml_wrong_tag(struct composer *c, yaml_mark_t mark, const char *tag, struct werr **err);
/* With its tag; tags of other types than text, numbers and booleans are refused. */
int yaml_scalar_node(
	struct composer *c, const yaml_event_t *event, struct node **ret, struct werr **err);

/* An anchor is declared before its node is read and defined after it, so that loops are detected.
 */
void yaml_anchor_declare(struct composer *c, const yaml_char_t *name);
void yaml_anchor_define(
	struct composer *c, const yaml_char_t *name, const struct composed *composed);
int yaml_anchor_find(
	struct composer *c, const yaml_event_t *alias, struct composed *ret, struct werr **err);
void yaml_anchors_free(struct composer *c);

int yaml_pairs_add(struct composer *c, struct yaml_pairs *pairs, struct node *key,
	struct node *value, struct werr **err);
/* Merges, checks for duplicate keys, and makes the map. */
int yaml_pairs_finish(
	struct composer *c, struct yaml_pairs *pairs, struct node *map, struct werr **err);

#endif
