/* SPDX-License-Identifier: Apache-2.0 */
#include "config/variables.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/values.h"

void variables_cleanup(struct variables *v)
{
	free(v->items);
	strv_clear(&v->texts);
	*v = (struct variables){0};
}

/* ---- adding ---- */

static struct variable *add(struct variables *v, const char *name, const char *value)
{
	struct variable *new;

	mem_grow(&v->items, v->n, &v->cap, sizeof(*v->items));
	new = &v->items[v->n];
	*new = (struct variable){
		.name = name, .value = value, .rank = v->n++, .state = VARIABLE_DONE};
	return new;
}

/* The copy lives as long as v. */
static const char *keep(struct variables *v, char *text)
{
	strv_take(&v->texts, text);
	return text;
}

int variables_add_setting(struct variables *v, const char *setting, struct werr **err)
{
	const char *equals = strchr(setting, '=');
	CLEANUP(free) char *name = str_dup_n(setting, equals ? (size_t)(equals - setting) : 0);

	if (!variable_name_valid(name)) {
		werr_set(err, WERR_USAGE, "'%.80s' does not set a variable", setting);
		werr_hint(
			err, "write it like NAME=value; names consist of letters, digits and '_'");
		return werr_code(WERR_USAGE);
	}
	add(v, keep(v, STEAL(name)), keep(v, str_dup(equals + 1)));
	return 0;
}

/* Without the white space at both ends. */
static char *trimmed(const char *text, size_t size)
{
	static const char spaces[] = " \t\r";

	while (size > 0 && strchr(spaces, text[size - 1]))
		size--;
	while (size > 0 && strchr(spaces, *text)) {
		text++;
		size--;
	}
	return str_dup_n(text, size);
}

static void remove_quotes(char *value)
{
	size_t n = strlen(value);

	if (n < 2 || (value[0] != '"' && value[0] != '\'') || value[n - 1] != value[0])
		return;
	memmove(value, value + 1, n - 2);
	value[n - 2] = '\0';
}

/* false: the line can't be understood. */
static bool add_line(struct variables *v, const char *line, size_t size)
{
	CLEANUP(free) char *text = trimmed(line, size);
	const char *exported = str_after(text, "export "), *equals;
	CLEANUP(free) char *name = NULL;
	char *value;

	if (!*text || *text == '#')
		return true;
	equals = strchr(text, '=');
	if (exported)
		exported += strspn(exported, " \t");
	else
		exported = text;
	if (!equals)
		return false;
	name = trimmed(exported, (size_t)(equals - exported));
	if (!variable_name_valid(name))
		return false;
	value = trimmed(equals + 1, strlen(equals + 1));
	remove_quotes(value);
	add(v, keep(v, STEAL(name)), keep(v, value));
	return true;
}

int variables_add_file(
	struct variables *v, const char *name, const char *text, size_t size, struct werr **err)
{
	unsigned line = 1;

	for (const char *end = text + size; text < end; line++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((newline ? newline : end) - text);

		if (memchr(text, '\0', n))
			return werr_at(err, name, line, 1, "a NUL byte in a file of variables");
		if (!add_line(v, text, n)) {
			werr_at(err, name, line, 1, "this line does not set a variable");
			werr_hint(err,
				"write it like NAME=value; names consist of letters, digits and "
				"'_'");
			return werr_code(WERR_INVALID);
		}
		text += n + 1;
	}
	return 0;
}

void variables_add_map(struct variables *v, const struct document *d)
{
	const struct node *map = node_get(d->root, "variables");

	for (size_t i = 0; map && map->kind == NODE_MAP && i < map->n; i++) {
		const struct node *value = map->items[i];
		struct variable *new;

		if (value->kind != NODE_SCALAR || strlen(value->text) != value->size)
			continue;
		new = add(v, map->keys[i]->text, value->text);
		new->node = value;
		new->state = VARIABLE_RAW;
	}
}

void variables_add_all(struct variables *v, const struct variables *from)
{
	for (size_t i = 0; i < from->n; i++)
		add(v, from->items[i].name, from->items[i].value);
}
