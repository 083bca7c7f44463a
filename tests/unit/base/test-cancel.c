/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/cancel.h"
#include "base/clock.h"

static void test_a_pause_lasts(ATTR_UNUSED void **state)
{
	CLEANUP(werr) struct werr *err = NULL;
	uint64_t start = clock_ms();

	assert_int_equal(cancel_pause(0, &err), 0);
	assert_int_equal(cancel_pause(120, &err), 0);
	assert_true(clock_ms() - start >= 120);
	assert_null(err);
}

static void *cancel(ATTR_UNUSED void *arg)
{
	cancel_request();
	return NULL;
}

/* The last test: a cancelled process stays cancelled. */
static void test_a_pause_is_interrupted(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;
	uint64_t start = clock_ms();
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, cancel, NULL), 0);
	assert_fails(cancel_pause(60 * 1000, &err), err, WERR_CANCELLED, "interrupted");
	assert_true(clock_ms() - start < 30 * 1000);
	pthread_join(thread, NULL);
	assert_int_equal(cancel_pause(0, NULL), -ECANCELED);
	assert_true(cancel_requested());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pause_lasts),
		cmocka_unit_test(test_a_pause_is_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
