/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/yml-schema.h"

#include "base/mem.h"
#include "config/schema-json.h"

enum { MAPS_MAX = 16 };

static void write_strings(struct json_writer *w, const char *key, const char *const *texts)
{
	json_key(w, key);
	json_open_array(w);
	for (; *texts; texts++)
		json_string(w, *texts);
	json_close_array(w);
}

static void write_reference(struct json_writer *w, const char *name)
{
	CLEANUP(free) char *pointer = str_printf("#/definitions/%s", name);

	json_key_string(w, "$ref", pointer);
}

static void write_list_of(struct json_writer *w, const char *name)
{
	json_key_string(w, "type", "array");
	json_key(w, "items");
	json_open_object(w);
	if (name)
		write_reference(w, name);
	else
		json_key_string(w, "type", "string");
	json_close_object(w);
}

static void write_type(struct json_writer *w, const struct yml_field *f)
{
	switch (f->type) {
	case YML_ANY:
		return;
	case YML_TEXT:
		json_key_string(w, "type", "string");
		if (f->choices)
			write_strings(w, "enum", f->choices);
		return;
	case YML_BOOL:
		json_key_string(w, "type", "boolean");
		return;
	case YML_NUMBER:
		json_key_string(w, "type", "integer");
		return;
	case YML_TEXTS:
		write_list_of(w, NULL);
		return;
	case YML_MAP:
		write_reference(w, f->map->name);
		return;
	case YML_MAPS:
		write_list_of(w, f->map->name);
		return;
	case YML_ENTRY:
		write_reference(w, SCHEMA_LABEL);
		return;
	}
}

static void write_map(struct json_writer *w, const struct yml_map *map)
{
	const char *required[MAPS_MAX] = {0};
	size_t n = 0;

	json_key_string(w, "type", "object");
	json_key_bool(w, "additionalProperties", false);
	for (const struct yml_field *f = map->fields; f->key; f++)
		if (f->required && n + 1 < MAPS_MAX)
			required[n++] = f->key;
	if (n)
		write_strings(w, "required", required);
	json_key(w, "properties");
	json_open_object(w);
	for (const struct yml_field *f = map->fields; f->key; f++) {
		json_key(w, f->key);
		json_open_object(w);
		json_key_string(w, "description", f->help);
		write_type(w, f);
		json_close_object(w);
	}
	json_close_object(w);
}

/* Maps below it, each once. */
static void write_definitions(struct json_writer *w, const struct yml_map *map,
	const struct yml_map *seen[static MAPS_MAX], size_t *n)
{
	for (const struct yml_field *f = map->fields; f->key; f++) {
		bool known = !f->map || *n == MAPS_MAX;

		for (size_t i = 0; i < *n; i++)
			known |= seen[i] == f->map;
		if (known)
			continue;
		seen[(*n)++] = f->map;
		json_key(w, f->map->name);
		json_open_object(w);
		write_map(w, f->map);
		json_close_object(w);
		write_definitions(w, f->map, seen, n);
	}
}

void yml_write_schema(struct json_writer *w, const struct yml_map *top)
{
	const struct yml_map *seen[MAPS_MAX];
	size_t n = 0;

	json_open_object(w);
	json_key_string(w, "$schema", "http://json-schema.org/draft-07/schema#");
	json_key_string(w, "title", top->name);
	write_map(w, top);
	json_key(w, "definitions");
	json_open_object(w);
	write_definitions(w, top, seen, &n);
	schema_write_label(w);
	json_close_object(w);
	json_close_object(w);
}
