/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdatomic.h>
#include <string.h>

#include "base/pool.h"

static int count(void *ctx, size_t i, ATTR_UNUSED struct werr **err)
{
	atomic_fetch_add((atomic_size_t *)ctx, i);
	return 0;
}

static int fail_from_three(ATTR_UNUSED void *ctx, size_t i, struct werr **err)
{
	return i >= 3 ? werr_set(err, WERR_FAILED, "job %zu", i) : 0;
}

static void test_all_jobs_run_once(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;

	for (unsigned threads = 0; threads < 5; threads++) {
		atomic_size_t sum = 0;

		assert_ok(pool_run(threads, 1000, count, &sum, &err), err);
		assert_int_equal(sum, 999 * 1000 / 2);
	}
	assert_ok(pool_run(4, 0, count, NULL, &err), err);
}

static void test_first_error_wins(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;

	for (int i = 0; i < 50; i++)
		assert_fails(
			pool_run(8, 100, fail_from_three, NULL, &err), err, WERR_FAILED, "job 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_jobs_run_once),
		cmocka_unit_test(test_first_error_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
