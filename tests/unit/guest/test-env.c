/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "common/env.h"

static void test_the_last_strangers_are_known(ATTR_UNUSED void **state)
{
	struct env env = {0};
	int status = 0;

	assert_false(env_find_stranger(&env, 0, &status));
	for (int i = 1; i <= STRANGERS_MAX + 10; i++)
		env_note_stranger(&env, 1000 + i, i);
	assert_false(env_find_stranger(&env, 1010, &status));
	assert_true(env_find_stranger(&env, 1011, &status));
	assert_int_equal(status, 11);
	/* Of two with the same number, the later one. */
	env_note_stranger(&env, 1011 + STRANGERS_MAX - 1, 77);
	assert_true(env_find_stranger(&env, 1010 + STRANGERS_MAX, &status));
	assert_int_equal(status, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_last_strangers_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
