/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "options/wrap.h"

static void test_wrap(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(4096);

	buf_puts(&b, "  --x");
	wrap_add(
		&b, "Words words words words words words words words words words words words.", 10);
	assert_string_equal(buf_str(&b),
		"  --x     Words words words words words words words words words words words\n"
		"          words.\n");
}

static void test_paragraphs_and_examples(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(4096);

	wrap_add(&b, "One\nline.\n\nTwo:\n\n    as  it is\n\nThree.", 0);
	assert_string_equal(buf_str(&b), "One line.\n\nTwo:\n\n    as  it is\n\nThree.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_paragraphs_and_examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
