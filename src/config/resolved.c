/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration itself, as one document: all files joined, all references and variables
 * replaced. Programs in the OS read it, so it has LinuxKit's form to the letter: which keys are
 * present although not given, and how emptiness is written.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "config/model.h"
#include "data/document.h"
#include "data/json.h"
#include "yaml/yaml-write.h"
#include "oci/reference.h"

enum { RESOLVED_INDENT = 4 };

struct resolved {
	const struct config *config;
	struct document *document;
	const struct resolved_options *options;
};

/* ---- nodes ---- */

struct pairs {
	struct node **keys, **values;
	size_t n, keys_cap, values_cap;
};
static void pairs_cleanup(struct pairs *p)
{
	free(p->keys);
	free(p->values);
}

static struct node *text_node(const struct resolved *r, const char *text)
{
	return document_scalar(r->document, 0, 0, text, strlen(text), true);
}

static void add_pair(const struct resolved *r, struct pairs *p, const char *key, struct node *value)
{
	mem_grow(&p->keys, p->n, &p->keys_cap, sizeof(*p->keys));
	mem_grow(&p->values, p->n, &p->values_cap, sizeof(*p->values));
	p->keys[p->n] = text_node(r, key);
	p->values[p->n++] = value;
}

static struct node *map_node(const struct resolved *r, const struct pairs *p)
{
	struct node *map = document_node(r->document, NODE_MAP, 0, 0);

	document_set_map(r->document, map, p->keys, p->values, p->n);
	return map;
}

/* ---- values by their tables ---- */

static struct node *copy_map(
	const struct resolved *r, const struct key_map *map, const struct node *n);

static struct node *copy_value(
	const struct resolved *r, const struct key *key, const struct node *n)
{
	struct node *copy;
	struct node **items;

	if (n->kind == NODE_MAP && key->type == KEY_MAP)
		return copy_map(r, key->map, n);
	if (n->kind != NODE_LIST)
		return (struct node *)(uintptr_t)n; /* only read */
	items = mem_new_array(struct node *, n->n);
	for (size_t i = 0; i < n->n; i++)
		items[i] = copy_value(r, key, n->items[i]);
	copy = document_node(r->document, NODE_LIST, 0, 0);
	document_set_list(r->document, copy, items, n->n);
	free(items);
	return copy;
}

/* The default of a key that is always present. */
static struct node *zero_value(const struct resolved *r, const struct key *key)
{
	if (key->flags & KEY_LIST)
		return document_node(r->document, NODE_LIST, 0, 0);
	if (key->type == KEY_MAP)
		return document_node(r->document, NODE_MAP, 0, 0);
	if (key->type == KEY_BOOL)
		return document_scalar(r->document, 0, 0, "false", 5, false);
	if (key->type == KEY_NUMBER)
		return document_scalar(r->document, 0, 0, "0", 1, false);
	return text_node(r, "");
}

static bool is_empty(const struct node *n)
{
	bool truth;

	if (n->kind == NODE_SCALAR)
		return n->size == 0 || (node_to_bool(n, &truth) && !truth);
	return n->n == 0;
}

static bool is_always_there(const struct resolved *r, const struct key *key)
{
	return key->flags & (r->options->json ? KEY_ALWAYS_IN_JSON : KEY_ALWAYS_IN_YAML);
}

static struct node *copy_map(
	const struct resolved *r, const struct key_map *map, const struct node *n)
{
	CLEANUP(pairs) struct pairs p = {0};

	for (size_t i = 0; i < map->n; i++) {
		const struct key *key = &map->keys[i];
		const struct node *value = node_get(n, key->name);
		bool always = is_always_there(r, key);

		if (value && (always || !(key->flags & KEY_EMPTY_IS_NONE) || !is_empty(value)))
			add_pair(r, &p, key->name, copy_value(r, key, value));
		else if (always)
			add_pair(r, &p, key->name, zero_value(r, key));
	}
	return map_node(r, &p);
}

/* ---- sections ---- */

/* The full name, with a tag only where one is given. */
static struct node *image_node(const struct resolved *r, const char *image)
{
	CLEANUP(free) char *name = reference_expand(image);

	return text_node(r, r->options->full_names ? name : image);
}

static void set_image(const struct resolved *r, struct node *map)
{
	for (size_t i = 0; i < map->n; i++)
		if (str_eq(map->keys[i]->text, "image") && map->items[i]->size > 0)
			map->items[i] = image_node(r, map->items[i]->text);
}

static struct node *kernel_node(const struct resolved *r)
{
	const struct key *key = schema_find(&schema_file, "kernel");
	CLEANUP(pairs) struct pairs p = {0};
	struct node *joined, *copy;

	for (size_t i = 0; i < key->map->n; i++) {
		const char *name = key->map->keys[i].name;
		const struct node *n = config_kernel_key(r->config, name);

		if (n)
			add_pair(r, &p, name, (struct node *)(uintptr_t)n);
	}
	joined = map_node(r, &p);
	copy = copy_map(r, key->map, joined);
	set_image(r, copy);
	return copy;
}

static struct node *element_node(
	const struct resolved *r, const struct key *key, const struct node *n)
{
	struct node *copy;

	if (str_eq(key->name, "init"))
		return image_node(r, n->text);
	copy = copy_value(r, key, n);
	if (key->map == &schema_entry)
		set_image(r, copy);
	return copy;
}

/* The list of all files. In JSON an empty one is null: that is how Go writes it. */
static struct node *list_node(const struct resolved *r, const struct key *key)
{
	const struct config *c = r->config;
	struct node **items = NULL, *list;
	size_t n = 0, cap = 0;

	for (size_t d = 0; d < c->n_documents; d++) {
		const struct node *from = node_get(c->documents[d]->root, key->name);

		for (size_t i = 0; from && i < from->n; i++) {
			mem_grow(&items, n, &cap, sizeof(*items));
			items[n++] = element_node(r, key, from->items[i]);
		}
	}
	list = document_node(r->document, n == 0 && r->options->json ? NODE_NULL : NODE_LIST, 0, 0);
	document_set_list(r->document, list, items, n);
	free(items);
	return list;
}

static struct node *root_node(const struct resolved *r)
{
	static const char *const sections[] = {
		"init", "onboot", "onshutdown", "services", "files", "volumes"};
	CLEANUP(pairs) struct pairs p = {0};

	add_pair(r, &p, "kernel", kernel_node(r));
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		add_pair(r, &p, sections[i], list_node(r, schema_find(&schema_file, sections[i])));
	return map_node(r, &p);
}

int config_write(const struct config *c, const struct resolved_options *options, struct buf *out,
	struct werr **err)
{
	CLEANUP(document) struct document *d = document_new("resolved");
	const struct resolved r = {.config = c, .document = d, .options = options};
	struct json_writer w = JSON_WRITER(out, RESOLVED_INDENT);
	int result = 0;

	d->root = root_node(&r);
	if (options->json)
		json_node(&w, d->root);
	else
		result = yaml_write(d->root, out, err);
	if (result == 0 && buf_error(out) < 0)
		result = werr_set(err, WERR_LIMIT, "it is too large");
	if (result < 0)
		werr_wrap(err, "the whole configuration");
	return result;
}
