/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

static void test_grows_to_its_maximum(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(1000);

	for (int i = 0; i < 100; i++)
		buf_puts(&b, "0123456789");
	assert_int_equal(buf_error(&b), 0);
	assert_int_equal(b.len, 1000);
	assert_int_equal(strlen(buf_str(&b)), 1000);
	buf_putc(&b, 'x');
	assert_int_equal(buf_error(&b), -E2BIG);
	assert_int_equal(b.len, 1000);
}

static void test_failure_sticks(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(4);

	buf_puts(&b, "12345");
	buf_puts(&b, "1");
	assert_int_equal(buf_error(&b), -E2BIG);
	assert_string_equal(buf_str(&b), "");
	buf_clear(&b);
	buf_puts(&b, "1234");
	assert_int_equal(buf_error(&b), 0);
}

static void test_steal(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(100);
	CLEANUP(free) char *empty = buf_steal(&b);
	CLEANUP(free) char *text = NULL;

	assert_string_equal(empty, "");
	buf_printf(&b, "%s-%d", "a", 7);
	buf_fill(&b, '.', 2);
	buf_truncate(&b, 4);
	text = buf_steal(&b);
	assert_string_equal(text, "a-7.");
	assert_int_equal(b.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows_to_its_maximum),
		cmocka_unit_test(test_failure_sticks),
		cmocka_unit_test(test_steal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
