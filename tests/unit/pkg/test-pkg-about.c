/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/mem.h"
#include "pkg/pkg-about.h"

static void check(const char *text, const char *comment, const char *does)
{
	CLEANUP(free) char *whole = pkg_about_comment(text), *first = pkg_about_begin(whole);

	assert_string_equal(whole, comment);
	assert_string_equal(first, does);
}

static void test_the_comment_at_the_top(ATTR_UNUSED void **state)
{
	check("# One.\n# Two\n#\n#three\n\n# not this\nimage: x\n", "One. Two three", "One");
	check("image: x\n# not this\n", "", "");
	check("", "", "");
	check("#", "", "");
	check("# no end", "no end", "no end");
	check("# a\r\n# b\t\r\n", "a b", "a b");
}

static void test_what_it_begins_with(ATTR_UNUSED void **state)
{
	check("# Sets the clock: by NTP. Then more.\n", "Sets the clock: by NTP. Then more.",
		"Sets the clock");
	check("# Linux 6.12 of a.b:c; more\n", "Linux 6.12 of a.b:c; more", "Linux 6.12 of a.b:c");
	check("# The `a. b: c` there. More\n", "The `a. b: c` there. More", "The `a. b: c` there");
	check("# All of it.\n", "All of it.", "All of it");
	check("# one `that. does not end\n", "one `that. does not end", "one `that. does not end");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_comment_at_the_top),
		cmocka_unit_test(test_what_it_begins_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
