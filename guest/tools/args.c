/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/args.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/mem.h"
#include "data/printable.h"

enum { SHOWN_MAX = 16 << 10 };

/* What a word is in the table; *ret_value is what follows its "=", or NULL. NULL: no such option.
 */
static const struct arg *find(const struct arg *table, const char *word, const char **ret_value)
{
	const char *name = word + 1 + (word[1] == '-');
	size_t size = strcspn(name, "=");

	*ret_value = name[size] ? name + size + 1 : NULL;
	for (; table->name; table++)
		if (strlen(table->name) == size && strncmp(table->name, name, size) == 0)
			return table;
	return NULL;
}

static int fail_unknown(const struct arg *table, const char *word, struct werr **err)
{
	const char *names[ARGS_MAX] = {0};
	CLEANUP(strv) struct strv all = {0};
	CLEANUP(free) char *list = NULL;
	const char *nearest;
	int r = werr_set(err, WERR_USAGE, "unknown option %.80s", word);

	for (size_t i = 0; table[i].name && i + 1 < ARRAY_SIZE(names); i++) {
		names[i] = table[i].name;
		strv_addf(&all, "-%s", table[i].name);
	}
	nearest = str_nearest(word + 1 + (word[1] == '-'), names);
	list = strv_join(&all, " ");
	if (nearest)
		werr_hint(err, "did you mean -%s?", nearest);
	else if (all.n)
		werr_hint(err, "the options are %s", list);
	else
		werr_hint(err, "it has no options");
	return r;
}

static int set(const struct arg *a, const char *value, struct werr **err)
{
	if (!value || !*value)
		return werr_set(err, WERR_USAGE, "option -%s needs a value", a->name);
	if (a->kind == ARG_TEXTS) {
		strv_add(a->value, value);
		return 0;
	}
	if (*(const char **)a->value)
		return werr_set(err, WERR_USAGE, "option -%s is there twice", a->name);
	*(const char **)a->value = value;
	return 0;
}

/* One option, at argv[*at]; *at becomes the place of its last word. */
static int take_option(const struct arg *table, int argc, char **argv, int *at, struct werr **err)
{
	const char *value, *word = argv[*at];
	const struct arg *a = find(table, word, &value);

	if (!a)
		return fail_unknown(table, word, err);
	if (a->kind == ARG_FLAG) {
		if (value)
			return werr_set(err, WERR_USAGE, "option -%s takes no value", a->name);
		*(bool *)a->value = true;
		return 0;
	}
	if (!value && *at + 1 < argc)
		value = argv[++*at];
	return set(a, value, err);
}

int args_parse(
	const struct arg *table, int argc, char **argv, struct strv *words, struct werr **err)
{
	bool ended = false;
	int r = 0;

	if (argc > ARGS_MAX)
		return werr_set(err, WERR_USAGE, "more than %d words", ARGS_MAX - 1);
	for (int i = 1; i < argc; i++)
		if (strnlen(argv[i], ARG_SIZE_MAX) == ARG_SIZE_MAX)
			return werr_set(err, WERR_USAGE, "a word is longer than %d bytes",
				ARG_SIZE_MAX - 1);
	for (int i = 1; i < argc && r == 0; i++) {
		if (ended || argv[i][0] != '-' || !argv[i][1])
			strv_add(words, argv[i]);
		else if (str_eq(argv[i], "--"))
			ended = true;
		else
			r = take_option(table, argc, argv, &i, err);
	}
	return r;
}

int args_size(const char *what, const char *text, uint64_t *ret, struct werr **err)
{
	static const char units[] = "KMGT";
	size_t size = strlen(text);
	const char *unit = size ? strchr(units, text[size - 1]) : NULL;
	CLEANUP(free) char *digits = str_dup_n(text, size - (unit ? 1 : 0));
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
	uint64_t n;

	if (str_to_u64(digits, 10, &n) < 0 || n == 0 || n > UINT64_MAX >> shift) {
		int r = werr_set(err, WERR_USAGE, "%s: '%.80s' is not a size", what, text);

		werr_hint(err, "a size is a number of bytes, or one with K, M, G or T behind it");
		return r;
	}
	*ret = n << shift;
	return 0;
}

int args_duration(const char *what, const char *text, uint64_t *ret, struct werr **err)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
	size_t size = strspn(text, "0123456789");
	CLEANUP(free) char *digits = str_dup_n(text, size);
	uint64_t n;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (str_eq(text + size, units[i].name) && str_to_u64(digits, 10, &n) == 0 && n &&
			!__builtin_mul_overflow(n, units[i].ms, ret))
			return 0;
	r = werr_set(err, WERR_USAGE, "%s: '%.80s' is not a time", what, text);
	werr_hint(err, "a time is a number with ms, s, m or h behind it");
	return r;
}

int args_report(const char *program, const struct werr *err)
{
	int code = !err ? 0 : err->kind == WERR_USAGE ? 2 : 1;

	for (; err; err = err->next) {
		CLEANUP(buf) struct buf line = BUF_INIT(SHOWN_MAX), shown = BUF_INIT(2 * SHOWN_MAX);

		buf_printf(&line, "%s: ", program);
		if (err->file)
			buf_printf(&line, "%s:%u: ", err->file, err->line);
		buf_printf(&line, "%s", err->message);
		if (err->hint)
			buf_printf(&line, " (%s)", err->hint);
		printable_add(&shown, buf_str(&line), line.len, "");
		fprintf(stderr, "%s\n", buf_str(&shown));
	}
	return code;
}
