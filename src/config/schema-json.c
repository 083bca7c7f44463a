/* SPDX-License-Identifier: Apache-2.0 */
#include "config/schema-json.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/schema.h"

/* ---- values ---- */

static void write_enum(struct json_writer *w, const char *(*word)(size_t i))
{
	const char *text;

	json_key(w, "enum");
	json_open_array(w);
	for (size_t i = 0; (text = word(i)); i++)
		json_string(w, text);
	json_close_array(w);
}

/* A variable may stand for a part of it, and what that is an editor can't know. */
static void write_pattern(struct json_writer *w, const char *pattern)
{
	CLEANUP(free) char *all = str_printf("%s|\\$\\{", pattern);

	json_key_string(w, "pattern", all);
}

static void write_form(struct json_writer *w, const struct form *form)
{
	if (!form->word) {
		write_pattern(w, form->pattern);
		return;
	}
	json_key(w, "anyOf");
	json_open_array(w);
	json_open_object(w);
	write_enum(w, form->word);
	json_close_object(w);
	json_open_object(w);
	write_pattern(w, form->pattern);
	json_close_object(w);
	json_close_array(w);
}

static void write_text_limits(struct json_writer *w, const struct key *key)
{
	if (key->flags & KEY_NOT_EMPTY)
		json_key_u64(w, "minLength", 1);
	if (key->form && key->form->pattern)
		write_form(w, key->form);
	if (!key->values)
		return;
	json_key(w, "enum");
	json_open_array(w);
	for (const char *const *v = key->values; *v; v++)
		json_string(w, *v);
	json_close_array(w);
}

static void write_text(struct json_writer *w, const struct key *key)
{
	json_key_string(w, "type", "string");
	write_text_limits(w, key);
}

static void write_bool(struct json_writer *w, ATTR_UNUSED const struct key *key)
{
	json_key_string(w, "type", "boolean");
}

static void write_range(struct json_writer *w, int64_t min, uint64_t max)
{
	json_key_i64(w, "minimum", min);
	json_key_u64(w, "maximum", max ? max : INT64_MAX);
}

static void write_number(struct json_writer *w, const struct key *key)
{
	json_key_string(w, "type", "integer");
	write_range(w, key->min, key->max);
}

/* In draft-07 each limit is about one type, and says nothing about values of the other. */
static void write_text_or_number(struct json_writer *w, const struct key *key, uint64_t max)
{
	json_key(w, "type");
	json_open_array(w);
	json_string(w, "string");
	json_string(w, "integer");
	json_close_array(w);
	write_range(w, 0, max);
	write_text_limits(w, key);
}

static void write_id(struct json_writer *w, const struct key *key)
{
	write_text_or_number(w, key, UINT32_MAX);
}

static void write_size(struct json_writer *w, const struct key *key)
{
	write_text_or_number(w, key, INT64_MAX);
}

static void write_map_reference(struct json_writer *w, const struct key *key)
{
	CLEANUP(free) char *pointer = str_printf("#/definitions/%s", key->map->name);

	json_key_string(w, "$ref", pointer);
}

static void write_text_map(struct json_writer *w, ATTR_UNUSED const struct key *key)
{
	json_key_string(w, "type", "object");
	json_key(w, "additionalProperties");
	json_open_object(w);
	json_key_string(w, "type", "string");
	json_close_object(w);
}

static void write_scalar_types(struct json_writer *w, bool lists)
{
	static const char *const types[] = {"string", "number", "boolean"};

	json_key(w, "type");
	json_open_array(w);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		json_string(w, types[i]);
	if (lists)
		json_string(w, "array");
	json_close_array(w);
}

static void write_scalar_map(struct json_writer *w, const struct key *key)
{
	bool lists = key->type == KEY_OPTION_MAP;

	json_key_string(w, "type", "object");
	json_key(w, "additionalProperties");
	json_open_object(w);
	write_scalar_types(w, lists);
	if (lists) {
		json_key(w, "items");
		json_open_object(w);
		write_scalar_types(w, false);
		json_close_object(w);
	}
	json_close_object(w);
}

static void write_type(struct json_writer *w, const struct key *key)
{
	static void (*const writers[])(struct json_writer * w, const struct key *key) = {
		[KEY_TEXT] = write_text,
		[KEY_BYTES] = write_text,
		[KEY_BOOL] = write_bool,
		[KEY_NUMBER] = write_number,
		[KEY_ID] = write_id,
		[KEY_SIZE] = write_size,
		[KEY_MAP] = write_map_reference,
		[KEY_TEXT_MAP] = write_text_map,
		[KEY_SCALAR_MAP] = write_scalar_map,
		[KEY_OPTION_MAP] = write_scalar_map,
	};

	writers[key->type](w, key);
}

/* ---- maps ---- */

static void write_property(struct json_writer *w, const struct key *key)
{
	json_key(w, key->name);
	json_open_object(w);
	json_key_string(w, "description", key->help);
	if (key->flags & KEY_LIST) {
		json_key_string(w, "type", "array");
		json_key(w, "items");
		json_open_object(w);
	}
	write_type(w, key);
	if (key->flags & KEY_LIST)
		json_close_object(w);
	json_close_object(w);
}

/* skipped: flags of keys that are left out. */
static void write_required(struct json_writer *w, const struct key_map *map, unsigned skipped)
{
	bool any = false;

	for (size_t i = 0; i < map->n; i++) {
		if (!(map->keys[i].flags & KEY_REQUIRED) || (map->keys[i].flags & skipped))
			continue;
		if (!any) {
			json_key(w, "required");
			json_open_array(w);
		}
		any = true;
		json_string(w, map->keys[i].name);
	}
	if (any)
		json_close_array(w);
}

static void write_one_of(struct json_writer *w, const char *const *keys)
{
	json_key(w, "anyOf");
	json_open_array(w);
	for (; *keys; keys++) {
		json_open_object(w);
		json_key(w, "required");
		json_open_array(w);
		json_string(w, *keys);
		json_close_array(w);
		json_close_object(w);
	}
	json_close_array(w);
}

static void write_map(struct json_writer *w, const struct key_map *map, unsigned skipped)
{
	json_key_bool(w, "additionalProperties", false);
	write_required(w, map, skipped);
	if (map->one_of)
		write_one_of(w, map->one_of);
	json_key(w, "properties");
	json_open_object(w);
	for (size_t i = 0; i < map->n; i++)
		if (!(map->keys[i].flags & skipped))
			write_property(w, &map->keys[i]);
	json_close_object(w);
}

/* ---- the whole ---- */

struct maps {
	const struct key_map **items;
	size_t n, cap;
};
static void maps_cleanup(struct maps *m)
{
	free(m->items);
}

/* Each map once, however many keys have it. */
static void add_maps(struct maps *m, const struct key_map *map)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->items[i] == map)
			return;
	mem_grow(&m->items, m->n, &m->cap, sizeof(m->items[0]));
	m->items[m->n++] = map;
	for (size_t i = 0; i < map->n; i++)
		if (map->keys[i].map)
			add_maps(m, map->keys[i].map);
}

static bool has_required(const struct key_map *map)
{
	for (size_t i = 0; i < map->n; i++)
		if (map->keys[i].flags & KEY_REQUIRED)
			return true;
	return false;
}

static void write_definition(
	struct json_writer *w, const char *name, const struct key_map *map, unsigned skipped)
{
	json_key(w, name);
	json_open_object(w);
	json_key_string(w, "type", "object");
	write_map(w, map, skipped);
	json_close_object(w);
}

void schema_write_label(struct json_writer *w)
{
	CLEANUP(maps) struct maps m = {0};

	add_maps(&m, &schema_entry);
	write_definition(w, SCHEMA_LABEL, &schema_entry, KEY_ENTRY_ONLY);
	for (size_t i = 1; i < m.n; i++)
		write_definition(w, m.items[i]->name, m.items[i], KEY_ENTRY_ONLY);
}

void schema_write_json(struct json_writer *w, const struct key_map *map, const char *title,
	const char *description)
{
	CLEANUP(maps) struct maps m = {0};

	add_maps(&m, map);
	json_open_object(w);
	json_key_string(w, "$schema", "http://json-schema.org/draft-07/schema#");
	json_key_string(w, "title", title);
	json_key_string(w, "description", description);
	json_key(w, "type");
	json_open_array(w);
	json_string(w, "object");
	/* Where nothing is required, an empty file is right too. */
	if (!has_required(map))
		json_string(w, "null");
	json_close_array(w);
	write_map(w, map, 0);
	json_key(w, "definitions");
	json_open_object(w);
	for (size_t i = 1; i < m.n; i++)
		write_definition(w, m.items[i]->name, m.items[i], 0);
	json_close_object(w);
	json_close_object(w);
}
