/* SPDX-License-Identifier: Apache-2.0 */
#include "config/check.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/compose-words.h"

const struct key *schema_find(const struct key_map *map, const char *name)
{
	for (size_t i = 0; i < map->n; i++)
		if (str_eq(map->keys[i].name, name))
			return &map->keys[i];
	return NULL;
}

/* "services[1].env", which messages begin with. */
static const char *where(const struct checker *c)
{
	return buf_str(&c->where);
}

static const char *nearest_key(const struct key_map *map, const char *text)
{
	CLEANUP(free) const char **names = mem_new_array(const char *, map->n + 1);

	for (size_t i = 0; i < map->n; i++)
		names[i] = map->keys[i].name;
	return str_nearest(text, names);
}

/* The key whose map has a key of this name: restart belongs under wherry. NULL: none. */
static const char *key_around(const struct key_map *map, const char *name)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct key *key = &map->keys[i];

		if (key->type == KEY_MAP && !(key->flags & KEY_LIST) && schema_find(key->map, name))
			return key->name;
	}
	return NULL;
}

static void unknown_key(struct checker *c, const struct key_map *map, const struct node *key)
{
	enum { KEYS_SHOWN = 12 };
	CLEANUP(buf) struct buf all = BUF_INIT(1024);
	const char *around = NULL, *nearest = NULL, *word = compose_word_hint(map, key->text);

	if (!word && !checker_is_full(c))
		nearest = nearest_key(map, key->text);
	if (!word && !checker_is_full(c) && !nearest)
		around = key_around(map, key->text);

	checker_add(c, key, "unknown key '%.80s'%s%s%s%s%s", key->text, c->where.len ? " in " : "",
		where(c), nearest ? "; did you mean '" : "", nearest ? nearest : "",
		nearest ? "'?" : "");
	if (around)
		checker_hint(c, "put it under '%s'", around);
	if (word)
		checker_hint(c, "%s", word);
	if (word || nearest || around || map->n > KEYS_SHOWN)
		return;
	for (size_t i = 0; i < map->n; i++)
		buf_printf(&all, "%s%s", i ? ", " : "", map->keys[i].name);
	checker_hint(c, "valid keys: %s", buf_str(&all));
}

static void check_one(struct checker *c, const struct key *key, const struct node *n)
{
	if (!n->broken && check_type(c, key, n) && key->form)
		key->form->check(c, n);
}

/* "[12]", for each element of each list: printf would take a sixth of the time of a check. */
static void add_index(struct checker *c, size_t index)
{
	char digits[24];
	size_t at = sizeof(digits);

	digits[--at] = ']';
	do
		digits[--at] = (char)('0' + index % 10);
	while (index /= 10);
	digits[--at] = '[';
	buf_add(&c->where, digits + at, sizeof(digits) - at);
}

static void check_list(struct checker *c, const struct key *key, const struct node *n)
{
	size_t len = c->where.len;

	if (n->kind != NODE_LIST) {
		check_expected_list(c, n);
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		add_index(c, i);
		check_one(c, key, n->items[i]);
		buf_truncate(&c->where, len);
	}
}

static void check_value(
	struct checker *c, const struct key *key, const struct node *key_node, const struct node *n)
{
	size_t len = c->where.len;

	if (c->label && (key->flags & KEY_ENTRY_ONLY)) {
		checker_add(c, key_node, "'%s' is not allowed in an image's label", key->name);
		return;
	}
	buf_puts(&c->where, len ? "." : "");
	buf_puts(&c->where, key->name);
	if (key->flags & KEY_LIST)
		check_list(c, key, n);
	else
		check_one(c, key, n);
	buf_truncate(&c->where, len);
}

/* Is it there under a misspelled name, which has been reported already? */
static bool is_misspelled(
	const struct checker *c, const struct key_map *map, const struct node *n, const char *name)
{
	enum {
		KEYS_MAX = 100
	}; /* more than any map has: the quality of the message no longer matters */

	if (n->n > KEYS_MAX || checker_is_full(c))
		return false;
	for (size_t i = 0; i < n->n; i++) {
		const char *nearest = schema_find(map, n->keys[i]->text)
					      ? NULL
					      : nearest_key(map, n->keys[i]->text);

		if (nearest && str_eq(nearest, name))
			return true;
	}
	return false;
}

static void check_required(struct checker *c, const struct key_map *map, const struct node *n)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct key *key = &map->keys[i];

		if (!(key->flags & KEY_REQUIRED) || (c->label && (key->flags & KEY_ENTRY_ONLY)))
			continue;
		if (!node_get(n, key->name) && !is_misspelled(c, map, n, key->name))
			checker_add(c, n, "%s has no '%s'", where(c), key->name);
	}
}

void check_map(struct checker *c, const struct key_map *map, const struct node *n)
{
	size_t before = c->n_errors;

	if (map->is_entry)
		c->entry = n;
	check_required(c, map, n);
	for (size_t i = 0; i < n->n; i++) {
		const struct key *key = schema_find(map, n->keys[i]->text);

		if (key)
			check_value(c, key, n->keys[i], n->items[i]);
		else
			unknown_key(c, map, n->keys[i]);
	}
	if (map->check && c->n_errors == before)
		map->check(c, n);
}
