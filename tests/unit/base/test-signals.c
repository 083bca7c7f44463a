/* SPDX-License-Identifier: Apache-2.0 */
#include "../check.h"

#include <signal.h>

#include "base/signals.h"

static void test_names(ATTR_UNUSED void **state)
{
	assert_int_equal(signal_number("SIGTERM"), SIGTERM);
	assert_int_equal(signal_number("term"), SIGTERM);
	assert_int_equal(signal_number("9"), SIGKILL);
	assert_int_equal(signal_number("SIG"), 0);
	assert_int_equal(signal_number(""), 0);
	assert_int_equal(signal_number("-9"), 0);
	assert_int_equal(signal_number("32"), 0);
	assert_string_equal(signal_name(SIGQUIT), "SIGQUIT");
	assert_null(signal_name(0));
}

static void test_every_name_is_its_number(ATTR_UNUSED void **state)
{
	for (const char *const *name = signal_names(); *name; name++)
		assert_string_equal(signal_name(signal_number(*name)), *name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_every_name_is_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
