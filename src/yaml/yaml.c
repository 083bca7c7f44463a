/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml/yaml.h"

#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "yaml/yaml-compose.h"

/* Lists while they are read. */
struct items {
	struct node **items;
	size_t n, cap;
};
static void items_cleanup(struct items *i)
{
	free(i->items);
}

static int compose(struct composer *c, const yaml_event_t *event, unsigned depth,
	struct composed *ret, struct werr **err);

static int next_event(struct composer *c, yaml_event_t *event, struct werr **err)
{
	return yaml_parser_parse(&c->parser, event) ? 0 : yaml_syntax_error(c, err);
}

/* Count more nodes; fails beyond the limit. */
static int count_nodes(struct composer *c, size_t more, yaml_mark_t mark, struct werr **err)
{
	if (!size_add(c->nodes, more, &c->nodes) || c->nodes > YAML_NODES_MAX) {
		return yaml_error(c, mark, err,
			"more than %d values, counting what aliases stand for",
			(int)YAML_NODES_MAX);
	}
	return 0;
}

static struct node *collection_node(
	struct composer *c, enum node_kind kind, const yaml_event_t *event)
{
	return document_node(c->document, kind, (unsigned)event->start_mark.line + 1,
		(unsigned)event->start_mark.column + 1);
}

static int compose_list(struct composer *c, const yaml_event_t *start, unsigned depth,
	struct composed *ret, struct werr **err)
{
	CLEANUP(items) struct items items = {0};
	struct node *list = collection_node(c, NODE_LIST, start);

	for (;;) {
		CLEANUP(yaml_event) yaml_event_t event = {0};
		struct composed item = {0};
		int r = next_event(c, &event, err);

		if (r < 0)
			return r;
		if (event.type == YAML_SEQUENCE_END_EVENT)
			break;
		r = compose(c, &event, depth + 1, &item, err);
		if (r < 0)
			return r;
		mem_grow(&items.items, items.n, &items.cap, sizeof(struct node *));
		items.items[items.n++] = item.node;
		if (item.height + 1 > ret->height)
			ret->height = item.height + 1;
	}
	document_set_list(c->document, list, items.items, items.n);
	ret->node = list;
	return 0;
}

static bool is_key(const struct node *n)
{
	return n->kind == NODE_SCALAR && node_scalar_type(n) == SCALAR_TEXT &&
	       strlen(n->text) == n->size;
}

static int wrong_key(struct composer *c, const struct node *key, struct werr **err)
{
	struct werr *e = NULL;

	if (key->kind == NODE_SCALAR && key->quoted)
		node_error(&e, key, "a NUL byte in a key");
	else
		node_error(&e, key, "a key must be text, not %s", node_kind_name(key));
	if (key->kind != NODE_SCALAR)
		werr_hint(&e, "text that begins with '{' or '[' needs quotes");
	else if (!key->quoted)
		werr_hint(&e, "put it in quotes: \"%.80s\"", key->text);
	return yaml_mistake(c, e, err);
}

static int compose_pair(struct composer *c, const yaml_event_t *key_event, unsigned depth,
	struct yaml_pairs *pairs, struct composed *ret, struct werr **err)
{
	CLEANUP(yaml_event) yaml_event_t event = {0};
	struct composed key = {0}, value = {0};
	int r = compose(c, key_event, depth + 1, &key, err);

	if (r == 0)
		r = next_event(c, &event, err);
	if (r == 0)
		r = compose(c, &event, depth + 1, &value, err);
	if (r < 0)
		return r;
	if (value.height + 1 > ret->height)
		ret->height = value.height + 1;
	if (!is_key(key.node))
		return wrong_key(c, key.node, err);
	return yaml_pairs_add(c, pairs, key.node, value.node, err);
}

static int compose_map(struct composer *c, const yaml_event_t *start, unsigned depth,
	struct composed *ret, struct werr **err)
{
	CLEANUP(yaml_pairs) struct yaml_pairs pairs = {0};
	struct node *map = collection_node(c, NODE_MAP, start);

	for (;;) {
		CLEANUP(yaml_event) yaml_event_t event = {0};
		int r = next_event(c, &event, err);

		if (r < 0)
			return r;
		if (event.type == YAML_MAPPING_END_EVENT)
			break;
		r = compose_pair(c, &event, depth, &pairs, ret, err);
		if (r < 0)
			return r;
	}
	ret->node = map;
	return yaml_pairs_finish(c, &pairs, map, err);
}

static int compose_alias(struct composer *c, const yaml_event_t *event, unsigned depth,
	struct composed *ret, struct werr **err)
{
	int r = yaml_anchor_find(c, event, ret, err);

	if (r < 0)
		return r;
	if (depth + ret->height > YAML_DEPTH_MAX)
		return yaml_error(c, event->start_mark, err, "nested more than %d levels deep",
			(int)YAML_DEPTH_MAX);
	return count_nodes(c, ret->count, event->start_mark, err);
}

/* A list or a map may have a tag that says so. */
static int check_collection_tag(struct composer *c, const yaml_event_t *event,
	const yaml_char_t *tag, const char *expected, struct werr **err)
{
	if (!tag || str_eq((const char *)tag, "!") || str_eq((const char *)tag, expected))
		return 0;
	return yaml_wrong_tag(c, event->start_mark, (const char *)tag, err);
}

static int compose_content(struct composer *c, const yaml_event_t *event, unsigned depth,
	struct composed *ret, struct werr **err)
{
	int r;

	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return yaml_scalar_node(c, event, &ret->node, err);
	case YAML_SEQUENCE_START_EVENT:
		r = check_collection_tag(
			c, event, event->data.sequence_start.tag, YAML_SEQ_TAG, err);
		return r < 0 ? r : compose_list(c, event, depth, ret, err);
	case YAML_MAPPING_START_EVENT:
		r = check_collection_tag(
			c, event, event->data.mapping_start.tag, YAML_MAP_TAG, err);
		return r < 0 ? r : compose_map(c, event, depth, ret, err);
	default:
		return yaml_error(c, event->start_mark, err, "a value is missing here");
	}
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor;
	default:
		return NULL;
	}
}

/* The node that begins with event, at this depth (the root's is 1). */
static int compose(struct composer *c, const yaml_event_t *event, unsigned depth,
	struct composed *ret, struct werr **err)
{
	size_t before = c->nodes;
	int r;

	if (event->type == YAML_ALIAS_EVENT)
		return compose_alias(c, event, depth, ret, err);
	if (depth > YAML_DEPTH_MAX)
		return yaml_error(c, event->start_mark, err, "nested more than %d levels deep",
			(int)YAML_DEPTH_MAX);
	r = count_nodes(c, 1, event->start_mark, err);
	if (r < 0)
		return r;
	yaml_anchor_declare(c, anchor_of(event));
	r = compose_content(c, event, depth, ret, err);
	if (r < 0)
		return r;
	ret->count = c->nodes - before;
	yaml_anchor_define(c, anchor_of(event), ret);
	return 0;
}

static int compose_document(struct composer *c, struct werr **err)
{
	for (;;) {
		CLEANUP(yaml_event) yaml_event_t event = {0};
		struct composed root = {0};
		int r = next_event(c, &event, err);

		if (r < 0)
			return r;
		if (event.type == YAML_STREAM_START_EVENT ||
			event.type == YAML_DOCUMENT_START_EVENT)
			continue;
		if (event.type == YAML_STREAM_END_EVENT) {
			c->document->root = document_node(c->document, NODE_NULL, 0, 0);
			return 0;
		}
		r = compose(c, &event, 1, &root, err);
		c->document->root = root.node;
		return r;
	}
}

/* A syntax error right after the root belongs to the first document; what is wrong in a second one
 * does not matter. */
static int check_document_end(struct composer *c, struct werr **err)
{
	CLEANUP(yaml_event) yaml_event_t end = {0}, next = {0};
	int r;

	if (!c->document->root->line)
		return 0;
	r = next_event(c, &end, err);
	if (r < 0)
		return r;
	if (yaml_parser_parse(&c->parser, &next)) {
		if (next.type == YAML_DOCUMENT_START_EVENT)
			c->document->ignored_line = (unsigned)next.start_mark.line + 1;
		return 0;
	}
	return end.data.document_end.implicit && c->parser.error == YAML_PARSER_ERROR
		       ? yaml_syntax_error(c, err)
		       : 0;
}

int yaml_read(const char *name, const char *text, size_t size, struct document **ret,
	struct werr **mistakes, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	struct composer c = {.text = text, .size = size};
	int r;

	if (size > YAML_SIZE_MAX)
		return werr_set(err, WERR_LIMIT, "%s: more than %d MiB of YAML", name,
			(int)(YAML_SIZE_MAX >> 20));
	if (!yaml_parser_initialize(&c.parser))
		abort();
	yaml_parser_set_encoding(&c.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&c.parser, (const unsigned char *)text, size);
	c.document = d = document_new(name);
	r = compose_document(&c, err);
	if (r == 0)
		r = check_document_end(&c, err);
	yaml_anchors_free(&c);
	yaml_parser_delete(&c.parser);
	werr_append(mistakes, c.mistakes);
	if (r < 0)
		return r;
	*ret = STEAL(d);
	return 0;
}

int yaml_parse(
	const char *name, const char *text, size_t size, struct document **ret, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(werr) struct werr *mistakes = NULL;
	CLEANUP(werr) struct werr *failure = NULL;
	int r = yaml_read(name, text, size, &d, &mistakes, &failure);

	if (r == 0 && mistakes)
		r = werr_code(mistakes->kind);
	if (r == 0) {
		*ret = STEAL(d);
		return 0;
	}
	werr_append(&mistakes, STEAL(failure));
	werr_pass(err, STEAL(mistakes));
	return r;
}
