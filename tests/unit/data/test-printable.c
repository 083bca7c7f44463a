/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/mem.h"
#include "data/printable.h"

static void check(const char *text, size_t size, const char *keep, const char *expected)
{
	CLEANUP(buf) struct buf out = BUF_INIT(4096);

	printable_add(&out, text, size, keep);
	assert_string_equal(buf_str(&out), expected);
}
#define CHECK(text_, keep_, expected_) check(text_, sizeof(text_) - 1, keep_, expected_)

static void test_what_a_terminal_would_obey(ATTR_UNUSED void **state)
{
	CHECK("plain text, caf\xc3\xa9", "", "plain text, caf\xc3\xa9");
	CHECK("a\033[2Jb\rc", "", "a\\x1b[2Jb\\x0dc");
	CHECK("a\tb\nc", "\t", "a\tb\\x0ac");
	CHECK("a\0b", "\t", "a\\x00b");
	/* C1, as UTF-8 and as a byte, an override of the direction, and latin-1. */
	CHECK("\xc2\x9b \x9b \xe2\x80\xae \xe9", "", "\\xc2\\x9b \\x9b \\xe2\\x80\\xae \\xe9");
	CHECK("", "", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_terminal_would_obey),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
