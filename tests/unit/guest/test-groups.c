/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "init/setup.h"

static void test_what_containers_may_have_of_the_machine_s_processes(ATTR_UNUSED void **state)
{
	/* A sixteenth is reserved, besides what exists already: the kernel's own. */
	assert_int_equal(setup_processes_max(16000, 100), 14900);
	assert_int_equal(setup_processes_max(32768, 100), 32768 - 2048 - 100);
	/* A minimum is reserved, and a small machine gets half. */
	assert_int_equal(setup_processes_max(700, 80), 700 - 80 - 64);
	assert_int_equal(setup_processes_max(200, 80), 100);
	assert_int_equal(setup_processes_max(0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_containers_may_have_of_the_machine_s_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
