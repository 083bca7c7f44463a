/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that a node has its key's type, with hints on how to write it. */
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/check.h"

static void expected(struct checker *c, const struct node *n, const char *what)
{
	checker_add(c, n, "%s: expected %s, not %s", buf_str(&c->where), what, node_kind_name(n));
}

/* How a list, a map or a text is written: which hint helps depends on what was written instead.
 */
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

void check_expected_list(struct checker *c, const struct node *n)
{
	static const struct ways_out ways = {"omit the key, or write []",
		"write [A, B], or each entry on a line of its own after '- '", NULL,
		"each entry begins with '- '"};

	expected(c, n, "a list");
	hint_way_out(c, n, &ways);
}

static void expected_map(struct checker *c, const struct node *n)
{
	static const struct ways_out ways = {"omit the key, or write {}",
		"write its keys on lines of their own: 'KEY: VALUE', with a space after the ':'",
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
	static const struct ways_out ways = {
		"omit it, or give it a value", NULL, NULL, "text with ': ' in it needs quotes"};

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
	checker_add(c, n, "%s: unknown value '%.80s'%s", buf_str(&c->where), n->text, suggestion);
	checker_hint(c, "valid values: %s", buf_str(&all));
	return false;
}

static bool check_text(struct checker *c, const struct key *key, const struct node *n)
{
	if (!is_text(n)) {
		expected_text(c, n);
		return false;
	}
	if (key->type != KEY_BYTES && strlen(n->text) != n->size) {
		checker_add(c, n, "%s: the text has a NUL byte", buf_str(&c->where));
		return false;
	}
	if ((key->flags & KEY_NOT_EMPTY) && n->size == 0) {
		checker_add(c, n, "%s must not be empty", buf_str(&c->where));
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
			checker_hint(c, "write digits, without quotes and without a unit");
	} else
		checker_add(c, n, "%s: %.40s is not a whole number from %" PRId64 " to %" PRIu64,
			buf_str(&c->where), n->text, key->min, max);
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
	/* 5.0 may be a number of seconds, but not a user. */
	if (node_is_float(n)) {
		checker_add(
			c, n, "%s: write %.40s without a fraction", buf_str(&c->where), n->text);
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

static void check_scalar(struct checker *c, const struct node *n, const char *what)
{
	if (n->kind != NODE_SCALAR)
		expected(c, n, what);
	else if (strlen(n->text) != n->size)
		checker_add(c, n, "%s: the text has a NUL byte", buf_str(&c->where));
}

static bool check_scalar_map(struct checker *c, const struct key *key, const struct node *n)
{
	bool lists = key->type == KEY_OPTION_MAP;
	const char *what = lists ? "text, a number or a list of these" : "text or a number";
	size_t len = c->where.len;

	if (n->kind != NODE_MAP) {
		expected_map(c, n);
		return false;
	}
	for (size_t i = 0; i < n->n; i++) {
		const struct node *value = n->items[i];
		bool is_list = lists && value->kind == NODE_LIST;

		buf_printf(&c->where, ".%.80s", n->keys[i]->text);
		for (size_t j = 0; is_list && j < value->n; j++)
			check_scalar(c, value->items[j], "text or a number");
		if (!is_list)
			check_scalar(c, value, what);
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

bool check_type(struct checker *c, const struct key *key, const struct node *n)
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
		[KEY_OPTION_MAP] = check_scalar_map,
	};

	return checks[key->type](c, key, n);
}
