/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/mem.h"
#include "options/option-help.h"

static const char *const *words(void)
{
	static const char *const list[] = {"one", "two", NULL};

	return list;
}

static const struct option first[] = {
	{.name = "sure", .letter = 's', .kind = OPTION_FLAG, .help = "Do not ask"},
	{.name = "o", .kind = OPTION_TEXT, .value = "FILE", .help = "Write to this file"},
	{.name = "gone", .kind = OPTION_ABSENT},
	{0},
};
static const struct option second[] = {
	{.name = "word",
		.kind = OPTION_LIST,
		.value = "WORD",
		.help = "What to say",
		.choices = words,
		.fallback = "one",
		.environment = {"WORD", "WORDS"}},
	{.name = "a-name-that-is-long", .kind = OPTION_LEVEL, .value = "N", .help = "How long"},
	{0},
};
static const struct option absent[] = {{.name = "gone", .kind = OPTION_ABSENT}, {0}};

/* The descriptions of all groups begin in one column; a head that is too long has its own line. */
static void test_groups_are_one_section(ATTR_UNUSED void **state)
{
	static const struct option_group groups[] = {{.options = first}, {.options = second}, {0}};
	CLEANUP(buf) struct buf b = BUF_INIT(4096);

	option_help(&b, "Options", groups);
	assert_string_equal(buf_str(&b),
		"\n"
		"Options:\n"
		"  -s, --sure       Do not ask\n"
		"  -o FILE          Write to this file\n"
		"      --word WORD  What to say (one, two; repeatable; default: one; environment:\n"
		"                   WORD, WORDS)\n"
		"      --a-name-that-is-long [N]\n"
		"                   How long\n");
}

static void test_nothing_to_show_has_no_title(ATTR_UNUSED void **state)
{
	static const struct option_group groups[] = {{.options = absent}, {0}};
	CLEANUP(buf) struct buf b = BUF_INIT(4096);

	option_help(&b, "Options", groups);
	option_help(&b, "Options", NULL);
	assert_string_equal(buf_str(&b), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups_are_one_section),
		cmocka_unit_test(test_nothing_to_show_has_no_title),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
