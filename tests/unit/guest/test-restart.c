/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "life/restart.h"

static void test_delays_double_up_to_a_maximum(ATTR_UNUSED void **state)
{
	struct policy p;

	policy_init(&p);
	assert_int_equal(restart_delay(&p, 1), 200);
	assert_int_equal(restart_delay(&p, 2), 400);
	assert_int_equal(restart_delay(&p, 5), 3200);
	assert_int_equal(restart_delay(&p, 9), 51200);
	assert_int_equal(restart_delay(&p, 10), RESTART_DELAY_MAX_MS);
	assert_int_equal(restart_delay(&p, 4000000), RESTART_DELAY_MAX_MS);
	p.restart_delay = 90000;
	assert_int_equal(restart_delay(&p, 1), 90000);
	assert_int_equal(restart_delay(&p, 8), 90000);
	p.restart_delay = 0;
	assert_int_equal(restart_delay(&p, 8), 0);
	policy_cleanup(&p);
}

static void test_what_follows_an_end(ATTR_UNUSED void **state)
{
	struct policy p = {.restart = POLICY_RESTART_NO};

	assert_int_equal(restart_verdict(&p, false, true), LIFE_END_OK);
	assert_int_equal(restart_verdict(&p, false, false), LIFE_END_BAD);
	p.restart = POLICY_RESTART_ON_FAILURE;
	assert_int_equal(restart_verdict(&p, false, true), LIFE_END_OK);
	assert_int_equal(restart_verdict(&p, false, false), LIFE_END_AGAIN);
	p.restart = POLICY_RESTART_ALWAYS;
	assert_int_equal(restart_verdict(&p, false, true), LIFE_END_AGAIN);
	assert_int_equal(restart_verdict(&p, false, false), LIFE_END_AGAIN);
	/* A step of onboot that succeeded is done. */
	assert_int_equal(restart_verdict(&p, true, true), LIFE_END_OK);
	assert_int_equal(restart_verdict(&p, true, false), LIFE_END_AGAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delays_double_up_to_a_maximum),
		cmocka_unit_test(test_what_follows_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
