/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/mem.h"
#include "options/option-complete.h"

static const char *const *words(void)
{
	static const char *const list[] = {"one", "other", "two", NULL};

	return list;
}

static const struct option list[] = {
	{.name = "word", .kind = OPTION_LIST, .value = "WORD", .help = "Say it", .choices = words},
	{.name = "work", .kind = OPTION_TEXT, .value = "DIR", .help = "Go there"},
	{.name = "world", .kind = OPTION_ABSENT},
	{0},
};

static void test_names(ATTR_UNUSED void **state)
{
	static const struct option_group groups[] = {{.options = list}, {0}};
	CLEANUP(buf) struct buf b = BUF_INIT(4096);

	option_complete_names(&b, "--wo", groups);
	option_complete_names(&b, "--x", groups);
	option_complete_names(&b, "", NULL);
	assert_string_equal(buf_str(&b), "--word\tSay it\n--work\tGo there\n");
}

static void test_values(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(4096);

	assert_true(option_complete_values(&b, "", "o", &list[0]));
	assert_true(option_complete_values(&b, "--word=", "one,t", &list[0]));
	assert_false(option_complete_values(&b, "", "x", &list[1]));
	assert_string_equal(buf_str(&b), "one\nother\n--word=one,two\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
