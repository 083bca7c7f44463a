/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/yml-fields.h"

#include "base/mem.h"

enum { FIELDS_MAX = 32 };

void yml_error(struct yml_context *c, const struct node *n, const char *fmt, ...)
{
	CLEANUP(free) char *message = NULL;
	struct werr *e = NULL;
	va_list ap;

	va_start(ap, fmt);
	message = str_printfv(fmt, ap);
	va_end(ap);
	node_error(&e, n, "%s", message);
	werr_append(&c->errors, e);
}

static const struct yml_field *find(const struct yml_field *fields, const char *key)
{
	for (; fields->key; fields++)
		if (str_eq(fields->key, key))
			return fields;
	return NULL;
}

static void unknown_key(struct yml_context *c, const char *what, const struct node *key,
	const struct yml_field *fields)
{
	const char *names[FIELDS_MAX + 1] = {0}, *nearest;

	for (size_t i = 0; fields[i].key && i < FIELDS_MAX; i++)
		names[i] = fields[i].key;
	nearest = str_nearest(key->text, names);
	if (nearest)
		yml_error(c, key, "unknown key '%s' in %s; did you mean '%s'?", key->text, what,
			nearest);
	else
		yml_error(c, key, "unknown key '%s' in %s", key->text, what);
}

static void missing(struct yml_context *c, const char *what, const struct node *map,
	const struct yml_field *field)
{
	struct werr *e = NULL;

	node_error(&e, map, "%s has no '%s'", what, field->key);
	if (field->hint)
		werr_hint(&e, "%s", field->hint);
	werr_append(&c->errors, e);
}

void yml_read(struct yml_context *c, const char *what, const struct node *map,
	const struct yml_field *fields, void *dst)
{
	if (map->kind != NODE_MAP) {
		yml_error(c, map, "%s must be a map of keys, not %s", what, node_kind_name(map));
		return;
	}
	for (size_t i = 0; i < map->n; i++) {
		const struct yml_field *f = find(fields, map->keys[i]->text);

		if (!f)
			unknown_key(c, what, map->keys[i], fields);
		else
			f->read(c, f->key, map->items[i], (char *)dst + f->offset);
	}
	for (const struct yml_field *f = fields; f->key; f++)
		if (f->required && !node_get(map, f->key))
			missing(c, what, map, f);
}

void yml_text(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	if (n->kind != NODE_SCALAR || n->size == 0)
		yml_error(c, n, "'%s' must be a text, not %s", key,
			n->kind == NODE_SCALAR ? "empty" : node_kind_name(n));
	else
		str_replace(dst, n->text);
}

void yml_bool(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	if (!node_to_bool(n, dst))
		yml_error(c, n, "'%s' must be true or false", key);
}

bool yml_is_list(struct yml_context *c, const char *key, const struct node *n)
{
	if (n->kind == NODE_LIST)
		return true;
	if (n->kind != NODE_NULL)
		yml_error(c, n, "'%s' must be a list, not %s", key, node_kind_name(n));
	return false;
}

void yml_texts(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	if (!yml_is_list(c, key, n))
		return;
	for (size_t i = 0; i < n->n; i++)
		if (n->items[i]->kind != NODE_SCALAR || n->items[i]->size == 0)
			yml_error(c, n->items[i], "%s[%zu] must be a text", key, i);
		else
			strv_add(dst, n->items[i]->text);
}
