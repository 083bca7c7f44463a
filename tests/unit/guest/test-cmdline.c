/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "common/cmdline.h"

static void check(const char *cmdline, const char *name, const char *expected)
{
	CLEANUP(free) char *value = cmdline_value(cmdline, name);

	if (expected)
		assert_string_equal(value, expected);
	else
		assert_null(value);
}

static void test_values(ATTR_UNUSED void **state)
{
	check("console=ttyS0 quiet wherry.x=1\n", "wherry.x", "1");
	check("console=ttyS0 quiet", "quiet", "");
	check("", "quiet", NULL);
	check("wherry.xy=1 awherry.x=2", "wherry.x", NULL);
}

static void test_the_last_of_two_counts(ATTR_UNUSED void **state)
{
	check("a=1 a=2", "a", "2");
	check("a=1 a", "a", "");
}

static void test_quotes_protect_spaces(ATTR_UNUSED void **state)
{
	check("a=\"one b=2\" c=3", "a", "one b=2");
	check("a=\"one b=2\" c=3", "b", NULL);
	check("a=\"one b=2\" c=3", "c", "3");
	check("a=\"not closed", "a", "not closed");
	check("\"a=one two\" c=3", "a", "one two");
	check("\"a=one two\" c=3", "c", "3");
}

static void test_flags_and_numbers(ATTR_UNUSED void **state)
{
	assert_true(cmdline_flag("x wherry.console", "wherry.console"));
	assert_true(cmdline_flag("wherry.console=1", "wherry.console"));
	assert_false(cmdline_flag("wherry.console=0", "wherry.console"));
	assert_false(cmdline_flag("", "wherry.console"));
	assert_int_equal(cmdline_number("t=5", "t", 300, 1000), 5);
	assert_int_equal(cmdline_number("t=0", "t", 300, 1000), 0);
	assert_int_equal(cmdline_number("t=-1", "t", 300, 1000), 300);
	assert_int_equal(cmdline_number("t=1001", "t", 300, 1000), 300);
	assert_int_equal(cmdline_number("t", "t", 300, 1000), 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_the_last_of_two_counts),
		cmocka_unit_test(test_quotes_protect_spaces),
		cmocka_unit_test(test_flags_and_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
