/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "tools/args.h"

struct got {
	bool flag;
	const char *text;
	struct strv list, words;
};

static void got_cleanup(struct got *g)
{
	strv_clear(&g->list);
	strv_clear(&g->words);
}

static int parse(const char *line, struct got *ret, struct strv *argv, struct werr **err)
{
	const struct arg options[] = {
		{"force", ARG_FLAG, &ret->flag},
		{"label", ARG_TEXT, &ret->text},
		{"condition", ARG_TEXTS, &ret->list},
		{0},
	};

	strv_split(argv, line, ' ');
	return args_parse(options, (int)argv->n, argv->items, &ret->words, err);
}

static void test_options_are_written_as_in_go(ATTR_UNUSED void **state)
{
	static const char *const lines[] = {
		"x -force -label a --condition c -condition=d w",
		"x w --force --label=a -condition c -condition d",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		CLEANUP(got) struct got g = {0};
		CLEANUP(strv) struct strv argv = {0};
		struct werr *err = NULL;

		assert_ok(parse(lines[i], &g, &argv, &err), err);
		assert_true(g.flag);
		assert_string_equal(g.text, "a");
		assert_int_equal(g.list.n, 2);
		assert_string_equal(g.list.items[1], "d");
		assert_int_equal(g.words.n, 1);
		assert_string_equal(g.words.items[0], "w");
	}
}

static void test_two_dashes_end_the_options(ATTR_UNUSED void **state)
{
	CLEANUP(got) struct got g = {0};
	CLEANUP(strv) struct strv argv = {0};
	struct werr *err = NULL;

	assert_ok(parse("x -force -- -label - --", &g, &argv, &err), err);
	assert_true(g.flag);
	assert_int_equal(g.words.n, 3);
	assert_string_equal(g.words.items[0], "-label");
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line, *message, *hint;
	} cases[] = {
		{"x -labl a", "unknown option -labl", "did you mean -label?"},
		{"x --zzzzzz", "unknown option --zzzzzz",
			"the options are -force -label -condition"},
		{"x -label", "option -label needs a value", NULL},
		{"x -label=", "option -label needs a value", NULL},
		{"x -label a -label b", "option -label is there twice", NULL},
		{"x -force=yes", "option -force takes no value", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(got) struct got g = {0};
		CLEANUP(strv) struct strv argv = {0};
		CLEANUP(werr) struct werr *err = NULL;

		assert_int_equal(parse(cases[i].line, &g, &argv, &err), -EINVAL);
		assert_int_equal(err->kind, WERR_USAGE);
		assert_string_equal(err->message, cases[i].message);
		if (cases[i].hint)
			assert_string_equal(err->hint, cases[i].hint);
	}
}

static void test_the_command_line_is_bounded(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf line = BUF_INIT(ARG_SIZE_MAX * 2), many = BUF_INIT(1024);
	CLEANUP(got) struct got g = {0};
	CLEANUP(strv) struct strv argv = {0}, more = {0};
	struct werr *err = NULL;

	buf_puts(&line, "x ");
	buf_fill(&line, 'a', ARG_SIZE_MAX);
	assert_fails(parse(buf_str(&line), &g, &argv, &err), err, WERR_USAGE, "longer than 4095");
	buf_puts(&many, "x");
	for (int i = 0; i < ARGS_MAX; i++)
		buf_puts(&many, " a");
	assert_fails(parse(buf_str(&many), &g, &more, &err), err, WERR_USAGE, "more than 63 words");
}

static void test_sizes(ATTR_UNUSED void **state)
{
	static const char *const bad[] = {
		"", "0", "K", "1.5G", "-1", "1g", "1GB", "16777216T", "18446744073709551616"};
	uint64_t n = 0;
	struct werr *err = NULL;

	assert_ok(args_size("x", "8765432", &n, &err), err);
	assert_int_equal(n, 8765432);
	assert_ok(args_size("x", "5670K", &n, &err), err);
	assert_int_equal(n, 5670 * 1024);
	assert_ok(args_size("x", "2G", &n, &err), err);
	assert_int_equal(n, 2ULL << 30);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_fails(args_size("x", bad[i], &n, &err), err, WERR_USAGE, "is not a size");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_are_written_as_in_go),
		cmocka_unit_test(test_two_dashes_end_the_options),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_the_command_line_is_bounded),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
