/* SPDX-License-Identifier: Apache-2.0 */
#include "options/option-parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { LIST_COLUMNS = 56 };

/* ---- values ---- */

static void *field_of(const struct option_set *set, const struct option *o)
{
	return (char *)set->values + o->offset;
}

static int check_choice(const struct option *o, const char *value, struct werr **err)
{
	CLEANUP(free) char *text = option_text(o);
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(free) char *list = NULL;
	const char *const *choices = o->choices();
	const char *near;

	for (size_t i = 0; choices[i]; i++) {
		const char *more = str_after(value, choices[i]);

		if (more && (!*more || (o->choices_begin && *more == ':')))
			return 0;
		strv_add(&names, choices[i]);
	}
	near = str_nearest(value, choices);
	werr_set(err, WERR_USAGE, "option %s does not accept '%s'%s%s%s", text, value,
		near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	list = strv_list(&names, LIST_COLUMNS);
	werr_hint(err, "known values: %s%s", list,
		str_ends_with(list, " more") ? "; --help has all" : "");
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

/* The option, and in *set the set that has it; NULL when no set has it. */
static const struct option *look_up(
	const struct option_sets *s, const char *name, struct option_set **set)
{
	const struct option *o = NULL;

	for (size_t i = 0; i < s->n && !o; i++) {
		*set = &s->items[i];
		o = option_find(s->items[i].list, name);
	}
	return o;
}

static const struct option *look_up_letter(
	const struct option_sets *s, char letter, struct option_set **set)
{
	return look_up(s, (const char[]){letter, '\0'}, set);
}

/* The letter after known flags that is no option; '\0' when these are not flags in one argument. */
static char unknown_letter(const struct option_sets *s, const char *letters)
{
	for (const char *letter = letters; *letter; letter++) {
		struct option_set *set;
		const struct option *o = look_up_letter(s, *letter, &set);

		if (!o)
			return letter == letters ? '\0' : *letter;
		if (o->kind != OPTION_FLAG)
			break;
	}
	return '\0';
}

/* typed: with its dashes, without a value. */
static int unknown_option(const struct option_sets *s, const char *typed, struct werr **err)
{
	CLEANUP(free) const char **names = mem_new_array(const char *, s->n *OPTIONS_MAX + 1);
	const char *name = typed + strspn(typed, "-"), *near;
	char letter = '\0';
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		for (const struct option *o = s->items[i].list; o->name; o++)
			if (o->kind != OPTION_ABSENT && !o->hidden)
				names[n++] = o->name;
	near = str_nearest(name, names);
	if (!near && typed[1] != '-')
		letter = unknown_letter(s, name);
	if (letter)
		return werr_set(err, WERR_USAGE, "unknown option '-%c' in '%s'", letter, typed);
	return werr_set(err, WERR_USAGE, "unknown option '%s'%s%s%s%s", typed,
		near ? "; did you mean '" : "", near ? option_dashes(near) : "", near ? near : "",
		near ? "'?" : "");
}

int option_absent(const struct option *o, struct werr **err)
{
	const char *way_out = o->help ? strstr(o->help, "; ") : NULL;

	if (!way_out)
		return werr_set(err, WERR_USAGE, "option --%s is not supported%s%s", o->name,
			o->help ? ": " : " yet", o->help ? o->help : "");
	werr_set(err, WERR_USAGE, "option --%s is not supported: %.*s", o->name,
		(int)(way_out - o->help), o->help);
	werr_hint(err, "%s", way_out + 2);
	return werr_code(WERR_USAGE);
}

/* The value of a level is the next argument only if that is a number. */
static bool is_number(const char *text)
{
	uint64_t ignored;

	return text && str_to_u64(text, 10, &ignored) == 0;
}

/* value: NULL when it is not part of the same argument. */
static int take(struct option_set *set, const struct option *o, const char *value,
	const char *const *args, size_t *at, struct werr **err)
{
	set->given |= UINT64_C(1) << (o - set->list);
	if (value)
		return set_value(set, o, value, err);
	if (o->kind == OPTION_FLAG)
		return set_value(set, o, "true", err);
	if (o->kind == OPTION_LEVEL && !is_number(args[*at + 1]))
		return set_value(set, o, "2", err);
	if (!args[*at + 1]) {
		CLEANUP(free) char *text = option_text(o);

		return werr_set(err, WERR_USAGE, "option %s needs a value: %s", text, o->value);
	}
	*at += 1;
	return set_value(set, o, args[*at], err);
}

/* ---- letters in one argument: -lR, -v0, -lv 3 ---- */

/* Does the value of an option follow its letter in the same argument? */
static bool has_value_after(const struct option *o, const char *rest)
{
	if (o->kind == OPTION_LEVEL)
		return *rest >= '0' && *rest <= '9';
	return *rest && o->kind != OPTION_FLAG;
}

/*
 * May a value follow its letter without a space? Only what cannot be the rest of a mistyped long
 * name: -format must not become -f with the value "ormat".
 */
static bool can_follow(const struct option *o, const char *value)
{
	uint64_t ignored;

	for (const char *const *c = o->choices ? o->choices() : NULL; c && *c; c++)
		if (str_eq(*c, value))
			return true;
	if (o->kind == OPTION_SIZE)
		return str_to_size(value, &ignored) == 0;
	return (o->kind == OPTION_LEVEL || o->kind == OPTION_NUMBER) && is_number(value);
}

static bool are_letters(const struct option_sets *s, const char *letters)
{
	for (; *letters; letters++) {
		struct option_set *set;
		const struct option *o = look_up_letter(s, *letters, &set);

		if (!o || o->kind == OPTION_ABSENT)
			return false;
		if (has_value_after(o, letters + 1))
			return can_follow(o, letters + 1);
	}
	return true;
}

static int take_letters(struct option_sets *s, const char *letters, const char *const *args,
	size_t *at, struct werr **err)
{
	int r = 0;

	for (; r == 0 && *letters; letters++) {
		struct option_set *set;
		const struct option *o = look_up_letter(s, *letters, &set);

		if (has_value_after(o, letters + 1))
			return take(set, o, letters + 1, args, at, err);
		/* Only the last one's value can be the next argument. */
		r = take(set, o, letters[1] && o->kind == OPTION_LEVEL ? "2" : NULL, args, at, err);
	}
	return r;
}

int option_sets_take(struct option_sets *s, const char *const *args, size_t *at, struct werr **err)
{
	const char *arg = args[*at], *name = arg + (arg[1] == '-' ? 2 : 1);
	const char *equals = strchr(name, '=');
	CLEANUP(free) char *typed = str_dup_n(arg, equals ? (size_t)(equals - arg) : strlen(arg));
	struct option_set *set = NULL;
	const struct option *o = look_up(s, typed + (name - arg), &set);

	if (!o && !equals && arg[1] != '-' && are_letters(s, name))
		return take_letters(s, name, args, at, err);
	if (!o)
		return unknown_option(s, typed, err);
	if (o->kind == OPTION_ABSENT)
		return option_absent(o, err);
	return take(set, o, equals ? equals + 1 : NULL, args, at, err);
}

const char *option_sets_given(const struct option_sets *s, const char *name)
{
	struct option_set *set = NULL;
	const struct option *o = look_up(s, name, &set);

	if (!o || o->kind != OPTION_TEXT || !(set->given >> (o - set->list) & 1))
		return NULL;
	return *(const char **)field_of(set, o);
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
