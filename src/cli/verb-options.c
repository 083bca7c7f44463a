/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verb-options.h"

#include <stdlib.h>

#include "base/mem.h"

void verb_options_begin(struct verb_options *o, const struct command *command)
{
	*o = (struct verb_options){.values = mem_alloc(command->size)};
	option_sets_add(&o->sets, command->options, o->values);
}

void verb_options_cleanup(struct verb_options *o)
{
	option_sets_cleanup(&o->sets);
	strv_clear(&o->args);
	free(o->values);
}

int verb_options_add(struct verb_options *o, const char *arg, struct werr **err)
{
	size_t at = o->args.n;

	strv_add(&o->args, arg);
	return option_sets_take(&o->sets, (const char *const *)o->args.items, &at, err);
}

int verb_options_addf(struct verb_options *o, struct werr **err, const char *fmt, ...)
{
	CLEANUP(free) char *arg = NULL;
	va_list ap;

	va_start(ap, fmt);
	arg = str_printfv(fmt, ap);
	va_end(ap);
	return verb_options_add(o, arg, err);
}

int verb_options_finish(struct verb_options *o, struct werr **err)
{
	return option_sets_finish(&o->sets, err);
}

/* A mistake in the file, not on the command line. */
static int place(struct werr **err, const struct node *n, int r)
{
	if (r < 0 && err && *err) {
		node_place(err, n);
		(*err)->kind = WERR_INVALID;
	}
	return r;
}

static int add_value(
	struct verb_options *o, const struct node *key, const struct node *value, struct werr **err)
{
	CLEANUP(free) char *arg = str_printf("--%s=%s", key->text, value->text);

	return place(err, value, verb_options_add(o, arg, err));
}

static int add_key(
	struct verb_options *o, const struct node *key, const struct node *value, struct werr **err)
{
	int r = 0;

	if (value->kind != NODE_LIST)
		return add_value(o, key, value, err);
	for (size_t i = 0; r == 0 && i < value->n; i++)
		r = add_value(o, key, value->items[i], err);
	return r;
}

int verb_options_add_map(struct verb_options *o, const struct node *map, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; map && r == 0 && i < map->n; i++)
		r = add_key(o, map->keys[i], map->items[i], err);
	return r;
}

/* ---- checking ---- */

static const struct option *find(const struct command *command, const char *name)
{
	const struct option *o = NULL;

	for (const struct option_group *g = command->options; g->options && !o; g++)
		if (!g->hidden)
			o = option_find(g->options, name);
	return o && !o->hidden && o->kind != OPTION_ABSENT && str_eq(o->name, name) ? o : NULL;
}

static void list_names(const struct command *command, struct strv *ret)
{
	for (const struct option_group *g = command->options; g->options; g++)
		for (const struct option *o = g->options; o->name && !g->hidden; o++)
			if (!o->hidden && o->kind != OPTION_ABSENT)
				strv_add(ret, o->name);
}

static void unknown(struct checker *c, const struct command *command, const struct node *key)
{
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(free) char *suggestion = NULL;

	list_names(command, &names);
	suggestion = check_suggestion(key->text, (const char *const *)names.items);
	checker_add(c, key, "'%.80s' is not an option of `wherry %s`%s", key->text, command->name,
		suggestion);
}

/* What can't be the text of an option is a mistake by itself. */
static bool is_text(const struct node *value)
{
	for (size_t i = 0; value->kind == NODE_LIST && i < value->n; i++)
		if (value->items[i]->kind != NODE_SCALAR)
			return false;
	return value->kind != NODE_MAP && value->kind != NODE_NULL;
}

static void check_value(struct checker *c, const struct command *command, const struct node *key,
	const struct node *value)
{
	CLEANUP(verb_options) struct verb_options scratch = {0};
	struct werr *err = NULL;

	if (!is_text(value))
		return;
	verb_options_begin(&scratch, command);
	if (add_key(&scratch, key, value, &err) < 0)
		checker_take(c, value, err);
}

void verb_options_check(struct checker *c, const struct command *command, const struct node *map,
	const char *const *refused)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct node *key = map->keys[i];
		bool ours = false;

		for (const char *const *name = refused; *name; name++)
			ours = ours || str_eq(*name, key->text);
		if (ours)
			checker_add(
				c, key, "the option '%.80s' is for the test to choose", key->text);
		else if (find(command, key->text))
			check_value(c, command, key, map->items[i]);
		else
			unknown(c, command, key);
	}
}
