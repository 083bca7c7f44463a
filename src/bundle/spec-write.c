/* SPDX-License-Identifier: Apache-2.0 */
/* Writers that the parts of config.json and runtime.json share. */
#include "config/schema.h"
#include "bundle/spec.h"

void spec_write_list(struct json_writer *w, const char *key, const struct node *list)
{
	if (!list || list->n == 0)
		return;
	json_key(w, key);
	json_node(w, list);
}

int64_t spec_number(const struct node *map, const char *key)
{
	const struct node *n = node_get(map, key);
	int64_t value = 0;

	return n && node_to_i64(n, &value) ? value : 0;
}

/* Sizes of huge pages are text in the runtime spec; LinuxKit's language has a number, of MB. */
static void write_size(struct json_writer *w, const struct node *n)
{
	CLEANUP(buf) struct buf text = BUF_INIT(64);
	uint64_t number;

	if (!node_to_u64(n, &number)) {
		json_node(w, n);
		return;
	}
	buf_printf(&text, "%lluMB", (unsigned long long)number);
	json_string(w, buf_str(&text));
}

static void write_map(struct json_writer *w, const struct key_map *map, const struct node *n)
{
	json_open_object(w);
	spec_write_keys(w, map, n);
	json_close_object(w);
}

static void write_value(struct json_writer *w, const struct key *key, const struct node *n)
{
	if (key->type == KEY_SIZE) {
		write_size(w, n);
	} else if (key->type != KEY_MAP) {
		json_node(w, n);
	} else if (!(key->flags & KEY_LIST)) {
		write_map(w, key->map, n);
	} else {
		json_open_array(w);
		for (size_t i = 0; i < n->n; i++)
			write_map(w, key->map, n->items[i]);
		json_close_array(w);
	}
}

/* What Go's marshaller, and so LinuxKit, writes for a field that the specification asks for. */
static void write_zero(struct json_writer *w, const struct key *key)
{
	if (key->type == KEY_NUMBER)
		json_key_u64(w, key->name, 0);
	else
		json_key_string(w, key->name, "");
}

void spec_write_keys(struct json_writer *w, const struct key_map *map, const struct node *n)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct key *key = &map->keys[i];
		const struct node *value = node_get(n, key->name);

		if (!value && (key->flags & KEY_ZERO))
			write_zero(w, key);
		if (!value || (value->kind == NODE_LIST && value->n == 0) ||
			(key->spec_name && !*key->spec_name))
			continue;
		json_key(w, key->spec_name ? key->spec_name : key->name);
		write_value(w, key, value);
	}
}

void spec_write_id_mappings(struct json_writer *w, const char *key, const struct node *list)
{
	if (!list || list->n == 0)
		return;
	json_key(w, key);
	json_open_array(w);
	for (size_t i = 0; i < list->n; i++) {
		json_open_object(w);
		json_key_i64(w, "containerID", spec_number(list->items[i], "containerID"));
		json_key_i64(w, "hostID", spec_number(list->items[i], "hostID"));
		json_key_i64(w, "size", spec_number(list->items[i], "size"));
		json_close_object(w);
	}
	json_close_array(w);
}
