/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "probe/page.h"

static bool parse(const char *text, struct probe_page *ret)
{
	return probe_page_parse(text, strlen(text), ret);
}

static void test_a_page(ATTR_UNUSED void **state)
{
	struct probe_page p;

	assert_true(parse("HTTP/1.1 200 OK\r\nA: b\r\n\r\nhello\n\nyou", &p));
	assert_int_equal(p.status, 200);
	assert_int_equal(p.size, 10);
	assert_memory_equal(p.body, "hello\n\nyou", 10);
	assert_true(parse("HTTP/1.0 404\n\n", &p));
	assert_int_equal(p.status, 404);
	assert_int_equal(p.size, 0);
	assert_non_null(p.body);
}

static void test_the_beginning_of_one(ATTR_UNUSED void **state)
{
	struct probe_page p;

	assert_true(parse("", &p));
	assert_true(parse("HTTP/1.1 20", &p));
	assert_int_equal(p.status, 0);
	assert_true(parse("HTTP/1.1 200 OK\r\nA: b\r\n", &p));
	assert_int_equal(p.status, 200);
	assert_null(p.body);
}

static void test_what_is_none(ATTR_UNUSED void **state)
{
	static const char *const texts[] = {"SSH-2.0-x\r\n", "HTTP/1.1 2 OK\n", "HTTP/1.1 20x OK\n",
		"HTTP/1.1 2000\n", "HTTP/2 200\n", "HTTP/1.1  200\n", "HTTP/1.1 000 OK\n", "\n"};
	struct probe_page p;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (parse(texts[i], &p))
			fail_msg("'%s'", texts[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_page),
		cmocka_unit_test(test_the_beginning_of_one),
		cmocka_unit_test(test_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
