/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "run/health.h"

static void test_an_answer_of_http(ATTR_UNUSED void **state)
{
	assert_true(health_http_ok("HTTP/1.1 200"));
	assert_true(health_http_ok("HTTP/1.0 302"));
	assert_false(health_http_ok("HTTP/1.1 404"));
	assert_false(health_http_ok("HTTP/1.1 503"));
	assert_false(health_http_ok("HTTP/1.1 2"));
	assert_false(health_http_ok("SSH-2.0-2222"));
	assert_false(health_http_ok(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_answer_of_http),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
