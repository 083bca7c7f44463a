/* SPDX-License-Identifier: Apache-2.0 */
#include "config/check.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* "services[1].env: ", for messages that begin with it. */
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

/* The key whose map has a key of this name: restart belongs below wherry. NULL: none. */
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
	enum { KEYS_TOLD = 12 };
	CLEANUP(buf) struct buf all = BUF_INIT(1024);
	const char *around = NULL, *nearest = NULL;

	if (!checker_is_full(c))
		nearest = nearest_key(map, key->text);
	if (!checker_is_full(c) && !nearest)
		around = key_around(map, key->text);

	checker_add(c, key, "unknown key '%.80s'%s%s%s%s%s", key->text, c->where.len ? " in " : "",
		where(c), nearest ? "; did you mean '" : "", nearest ? nearest : "",
		nearest ? "'?" : "");
	if (around)
		checker_hint(c, "write it below '%s'", around);
	if (nearest || around || map->n > KEYS_TOLD)
		return;
	for (size_t i = 0; i < map->n; i++)
		buf_printf(&all, "%s%s", i ? ", " : "", map->keys[i].name);
	checker_hint(c, "there are: %s", buf_str(&all));
}

static void expected(struct checker *c, const struct node *n, const char *what)
{
	checker_add(c, n, "%s: expected %s, not %s", where(c), what, node_kind_name(n));
}

/* How a list, a map or a text is written, for who wrote something else: what helps depends on that. */
struct ways_out {
	const char *from_nothing, *from_text, *from_list, *from_map;
};

static void hint_way_out(struct checker *c, const struct node *n, const struct ways_out *ways)
{
	const char *const by_kind[] = {[NODE_NULL] = ways->from_nothing,
		[NODE_SCALAR] = ways->from_text,
		[NODE_LIST] = ways->from_list,
		[NODE_MAP] = ways->from_map};

	if (by_kind[n->kind])
		checker_hint(c, "%s", by_kind[n->kind]);
}

static void expected_list(struct checker *c, const struct node *n)
{
	static const struct ways_out ways = {"leave the key out, or write []",
		"write [A, B], or each entry in a line of its own behind '- '", NULL,
		"each entry begins with '- '"};

	expected(c, n, "a list");
	hint_way_out(c, n, &ways);
}

static void expected_map(struct checker *c, const struct node *n)
{
	static const struct ways_out ways = {"leave the key out, or write {}",
		"write its keys in lines of their own: 'KEY: VALUE', with a blank behind the ':'",
		"write its keys without '- '", NULL};

	expected(c, n, "a map");
	hint_way_out(c, n, &ways);
}

/* Why quotes: "0644" without them is 420. */
static void hint_quotes(struct checker *c, const struct node *n)
{
	CLEANUP(free) char *value = NULL;
	int64_t number;

	if (node_to_i64(n, &number))
		value = str_printf("%" PRId64, number);
	if (value && !str_eq(value, n->text))
		checker_hint(c,
			"put it in quotes: \"%.80s\"; without them YAML reads the number %s",
			n->text, value);
	else
		checker_hint(c, "put it in quotes: \"%.80s\"", n->text);
}

static void expected_text(struct checker *c, const struct node *n)
{
	static const struct ways_out ways = {"leave it out, or give it a value", NULL, NULL,
		"text with ': ' in it needs quotes"};

	expected(c, n, "text");
	if (n->kind == NODE_SCALAR)
		hint_quotes(c, n);
	else
		hint_way_out(c, n, &ways);
}

static bool is_text(const struct node *n)
{
	return n->kind == NODE_SCALAR && node_scalar_type(n) == SCALAR_TEXT;
}

static bool check_values(struct checker *c, const struct key *key, const struct node *n)
{
	CLEANUP(free) char *suggestion = NULL;
	CLEANUP(buf) struct buf all = BUF_INIT(1024);

	for (const char *const *v = key->values; *v; v++) {
		if (str_eq(*v, n->text))
			return true;
		if (**v)
			buf_printf(&all, "%s%s", all.len ? ", " : "", *v);
	}
	suggestion = check_suggestion(n->text, key->values);
	checker_add(c, n, "%s: unknown value '%.80s'%s", where(c), n->text, suggestion);
	checker_hint(c, "it is one of: %s", buf_str(&all));
	return false;
}

static bool check_text(struct checker *c, const struct key *key, const struct node *n)
{
	if (!is_text(n)) {
		expected_text(c, n);
		return false;
	}
	if (key->type != KEY_BYTES && strlen(n->text) != n->size) {
		checker_add(c, n, "%s: a NUL byte in the text", where(c));
		return false;
	}
	if ((key->flags & KEY_NOT_EMPTY) && n->size == 0) {
		checker_add(c, n, "%s must not be empty", where(c));
		return false;
	}
	return !key->values || check_values(c, key, n);
}

static bool check_bool(struct checker *c, const struct key *key ATTR_UNUSED, const struct node *n)
{
	bool value;

	if (node_to_bool(n, &value))
		return true;
	expected(c, n, "true or false");
	if (n->kind == NODE_SCALAR)
		checker_hint(c, "write true or false%s", n->quoted ? ", without quotes" : "");
	return false;
}

static bool check_number(struct checker *c, const struct key *key, const struct node *n)
{
	uint64_t max = key->max ? key->max : INT64_MAX, large = 0;
	int64_t value = 0;
	bool fits = false;

	if (node_to_i64(n, &value))
		fits = value >= key->min && (value < 0 || (uint64_t)value <= max);
	else if (node_to_u64(n, &large))
		fits = large <= max;
	if (fits)
		return true;
	if (n->kind != NODE_SCALAR || node_scalar_type(n) != SCALAR_NUMBER) {
		expected(c, n, "a number");
		if (n->kind == NODE_SCALAR)
			checker_hint(c, "digits, without quotes and without a unit");
	} else
		checker_add(c, n, "%s: %.40s is not a whole number from %" PRId64 " to %" PRIu64,
			where(c), n->text, key->min, max);
	return false;
}

static bool check_id(struct checker *c, const struct key *key, const struct node *n)
{
	static const struct key number = {.type = KEY_NUMBER, .max = UINT32_MAX};

	if (is_text(n))
		return check_text(c, key, n);
	if (n->kind != NODE_SCALAR || node_scalar_type(n) != SCALAR_NUMBER) {
		expected(c, n, "a number or a name");
		return false;
	}
	/* 5.0 may be a number of seconds, but hardly a user. */
	if (node_is_float(n)) {
		checker_add(c, n, "%s: write %.40s without a fraction", where(c), n->text);
		return false;
	}
	return check_number(c, &number, n);
}

static bool check_size(struct checker *c, const struct key *key, const struct node *n)
{
	static const struct key number = {.type = KEY_NUMBER};

	return is_text(n) ? check_text(c, key, n) : check_number(c, &number, n);
}

static bool check_text_map(struct checker *c, const struct key *key, const struct node *n)
{
	static const struct key text = {.type = KEY_TEXT};
	size_t len = c->where.len;
	bool ok = true;

	(void)key;
	if (n->kind != NODE_MAP) {
		expected_map(c, n);
		return false;
	}
	for (size_t i = 0; i < n->n; i++) {
		buf_printf(&c->where, ".%.80s", n->keys[i]->text);
		ok = check_text(c, &text, n->items[i]) && ok;
		buf_truncate(&c->where, len);
	}
	return ok;
}

static bool check_scalar_map(struct checker *c, const struct key *key, const struct node *n)
{
	size_t len = c->where.len;

	(void)key;
	if (n->kind != NODE_MAP) {
		expected_map(c, n);
		return false;
	}
	for (size_t i = 0; i < n->n; i++) {
		const struct node *value = n->items[i];

		buf_printf(&c->where, ".%.80s", n->keys[i]->text);
		if (value->kind != NODE_SCALAR)
			expected(c, value, "text or a number");
		else if (strlen(value->text) != value->size)
			checker_add(c, value, "%s: a NUL byte in the text", where(c));
		buf_truncate(&c->where, len);
	}
	return true;
}

static bool check_inner_map(struct checker *c, const struct key *key, const struct node *n)
{
	if (n->kind == NODE_MAP)
		check_map(c, key->map, n);
	else
		expected_map(c, n);
	return n->kind == NODE_MAP;
}

static void check_one(struct checker *c, const struct key *key, const struct node *n)
{
	static bool (*const checks[])(
		struct checker * c, const struct key *key, const struct node *n) = {
		[KEY_TEXT] = check_text,
		[KEY_BYTES] = check_text,
		[KEY_BOOL] = check_bool,
		[KEY_NUMBER] = check_number,
		[KEY_ID] = check_id,
		[KEY_SIZE] = check_size,
		[KEY_MAP] = check_inner_map,
		[KEY_TEXT_MAP] = check_text_map,
		[KEY_SCALAR_MAP] = check_scalar_map,
	};

	if (!n->broken && checks[key->type](c, key, n) && key->check)
		key->check(c, n);
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
		expected_list(c, n);
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
		checker_add(c, key_node, "'%s' can't be given in an image's label", key->name);
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

/* It is there, only spelled otherwise, which has been told. */
static bool is_misspelled(
	const struct checker *c, const struct key_map *map, const struct node *n, const char *name)
{
	enum {
		KEYS_MAX = 100
	}; /* more than any map has: then it does not matter how well it is told */

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
