/* SPDX-License-Identifier: Apache-2.0 */
#include "options/option-parse.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

/* ---- values ---- */

static void *field_of(const struct option_set *set, const struct option *o)
{
	return (char *)set->values + o->offset;
}

static int check_choice(const struct option *o, const char *value, struct werr **err)
{
	CLEANUP(free) char *text = option_text(o);
	CLEANUP(buf) struct buf all = BUF_INIT(4096);
	const char *const *choices = o->choices();
	const char *near;

	for (size_t i = 0; choices[i]; i++) {
		const char *more = str_after(value, choices[i]);

		if (more && (!*more || (o->choices_begin && *more == ':')))
			return 0;
		buf_printf(&all, "%s%s", i ? ", " : "", choices[i]);
	}
	for (const char *const *later = o->choices_later ? o->choices_later() : NULL;
		later && *later; later++)
		if (str_eq(*later, value)) {
			werr_set(err, WERR_USAGE, "%s of option %s is not supported yet", value,
				text);
			werr_hint(err, "supported: %s", buf_str(&all));
			return werr_code(WERR_USAGE);
		}
	near = str_nearest(value, choices);
	werr_set(err, WERR_USAGE, "option %s does not accept '%s'%s%s%s", text, value,
		near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	werr_hint(err, "known values: %s", buf_str(&all));
	return werr_code(WERR_USAGE);
}

static int set_flag(const struct option *o, bool *field, const char *value, struct werr **err)
{
	static const struct {
		const char *text;
		bool value;
	} words[] = {{"true", true}, {"1", true}, {"false", false}, {"0", false}};
	CLEANUP(free) char *text = option_text(o);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq(words[i].text, value)) {
			*field = words[i].value;
			return 0;
		}
	return werr_set(err, WERR_USAGE, "option %s is a switch: '%s' is neither true nor false",
		text, value);
}

static int set_number(const struct option *o, uint64_t *field, const char *value, struct werr **err)
{
	CLEANUP(free) char *text = option_text(o);

	if (str_to_u64(value, 10, field) == 0)
		return 0;
	return werr_set(err, WERR_USAGE, "option %s needs a number, not '%s'", text, value);
}

static int set_size(const struct option *o, uint64_t *field, const char *value, struct werr **err)
{
	CLEANUP(free) char *text = option_text(o);

	if (str_to_size(value, field) == 0)
		return 0;
	return werr_set(
		err, WERR_USAGE, "option %s needs a size like 512M or 2G, not '%s'", text, value);
}

static int set_list(
	const struct option *o, struct strv *field, const char *value, struct werr **err)
{
	CLEANUP(strv) struct strv parts = {0};
	const char *part;

	strv_split(&parts, value, ',');
	STRV_FOREACH (part, &parts) {
		int r = o->choices ? check_choice(o, part, err) : 0;

		if (r < 0)
			return r;
	}
	strv_add_all(field, &parts);
	return 0;
}

static int set_value(
	const struct option_set *set, const struct option *o, const char *value, struct werr **err)
{
	void *field = field_of(set, o);

	switch (o->kind) {
	case OPTION_FLAG:
		return set_flag(o, field, value, err);
	case OPTION_TEXT:
		*(const char **)field = value;
		return o->choices ? check_choice(o, value, err) : 0;
	case OPTION_NUMBER:
	case OPTION_LEVEL:
		return set_number(o, field, value, err);
	case OPTION_SIZE:
		return set_size(o, field, value, err);
	case OPTION_LIST:
		return set_list(o, field, value, err);
	case OPTION_REPEAT:
		strv_add(field, value);
		return 0;
	case OPTION_ABSENT: /* option_sets_take has refused it */
		break;
	}
	return 0;
}

/* ---- looking an option up ---- */

static int unknown_option(const struct option_sets *s, const char *name, struct werr **err)
{
	CLEANUP(free) const char **names = mem_new_array(const char *, s->n *OPTIONS_MAX + 1);
	const char *near;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		for (const struct option *o = s->items[i].list; o->name; o++)
			if (o->kind != OPTION_ABSENT)
				names[n++] = o->name;
	near = str_nearest(name, names);
	return werr_set(err, WERR_USAGE, "unknown option '%s%s'%s%s%s%s", option_dashes(name), name,
		near ? "; did you mean '" : "", near ? option_dashes(near) : "", near ? near : "",
		near ? "'?" : "");
}

/* The value of a level is the next argument only if that is a number. */
static bool next_is_number(const char *next)
{
	uint64_t ignored;

	return next && str_to_u64(next, 10, &ignored) == 0;
}

/* "-v3", as LinuxKit's parser takes it: the option, or NULL. */
static const struct option *find_with_level(
	const struct option *list, const char *arg, const char *name)
{
	for (; arg[1] != '-' && list->name; list++)
		if (list->kind == OPTION_LEVEL && list->letter && name[0] == list->letter &&
			next_is_number(name + 1))
			return list;
	return NULL;
}

int option_sets_take(struct option_sets *s, const char *const *args, size_t *at, struct werr **err)
{
	const char *arg = args[*at] + (args[*at][1] == '-' ? 2 : 1), *equals = strchr(arg, '=');
	CLEANUP(free) char *name = str_dup_n(arg, equals ? (size_t)(equals - arg) : strlen(arg));
	const char *value = equals ? equals + 1 : NULL;
	const struct option *o = NULL;
	struct option_set *set = NULL;

	for (size_t i = 0; i < s->n && !o; i++) {
		set = &s->items[i];
		o = option_find(set->list, name);
		if (!o && !equals && (o = find_with_level(set->list, args[*at], name)))
			value = name + 1;
	}
	if (!o)
		return unknown_option(s, name, err);
	if (o->kind == OPTION_ABSENT)
		return werr_set(err, WERR_USAGE, "option --%s is not supported yet", o->name);
	set->given |= UINT64_C(1) << (o - set->list);
	if (value)
		return set_value(set, o, value, err);
	if (o->kind == OPTION_FLAG)
		return set_value(set, o, "true", err);
	if (o->kind == OPTION_LEVEL && !next_is_number(args[*at + 1]))
		return set_value(set, o, "2", err);
	if (!args[*at + 1]) {
		CLEANUP(free) char *text = option_text(o);

		return werr_set(err, WERR_USAGE, "option %s needs a value: %s", text, o->value);
	}
	*at += 1;
	return set_value(set, o, args[*at], err);
}

/* ---- what was not given ---- */

static int from_environment(
	const struct option_set *set, const struct option *o, bool *found, struct werr **err)
{
	for (size_t i = 0; i < ARRAY_SIZE(o->environment) && o->environment[i]; i++) {
		const char *value = getenv(o->environment[i]);

		if (value && *value) {
			int r = set_value(set, o, value, err);

			werr_wrap(err, "environment variable %s", o->environment[i]);
			*found = true;
			return r;
		}
	}
	return 0;
}

static int finish(struct option_set *set, struct werr **err)
{
	for (const struct option *o = set->list; o->name; o++) {
		bool found = set->given >> (o - set->list) & 1;
		int r = found ? 0 : from_environment(set, o, &found, err);

		if (r == 0 && !found && o->fallback)
			r = set_value(set, o, o->fallback, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int option_sets_finish(struct option_sets *s, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->n; i++)
		r = finish(&s->items[i], err);
	return r;
}

/* ---- the sets ---- */

void option_sets_add(struct option_sets *s, const struct option_group *groups, void *values)
{
	struct option_set *items;
	size_t n = 0;

	while (groups && groups[n].options)
		n++;
	items = mem_new_array(struct option_set, n + s->n);
	for (size_t i = 0; i < n; i++)
		items[i] = (struct option_set){
			.list = groups[i].options, .values = (char *)values + groups[i].offset};
	for (size_t i = 0; i < s->n; i++)
		items[n + i] = s->items[i];
	free(s->items);
	s->items = items;
	s->n += n;
}

void option_sets_cleanup(struct option_sets *s)
{
	for (size_t i = 0; i < s->n; i++)
		for (const struct option *o = s->items[i].list; o->name; o++)
			if (o->kind == OPTION_LIST || o->kind == OPTION_REPEAT)
				strv_clear(field_of(&s->items[i], o));
	free(s->items);
	*s = (struct option_sets){0};
}
