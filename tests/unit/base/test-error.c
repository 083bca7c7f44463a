/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"

static void test_wrapping_and_hints(ATTR_UNUSED void **state)
{
	CLEANUP(werr) struct werr *err = NULL;

	assert_int_equal(werr_errno(&err, ENOSPC, "can't write %s", "x"), -ENOSPC);
	assert_int_equal(err->kind, WERR_NO_SPACE);
	assert_string_equal(err->message, "can't write x: No space left on device");
	werr_wrap(&err, "part %d", 3);
	assert_string_equal(err->message, "part 3: can't write x: No space left on device");
	werr_hint(&err, "first");
	werr_hint(&err, "second");
	assert_string_equal(err->hint, "first");
}

static void test_place(ATTR_UNUSED void **state)
{
	CLEANUP(werr) struct werr *err = NULL;

	assert_int_equal(werr_at(&err, "os.yml", 14, 5, "unknown key '%s'", "comand"), -EINVAL);
	assert_string_equal(err->file, "os.yml");
	assert_int_equal(err->line, 14);
	assert_int_equal(err->column, 5);
}

static void test_lists(ATTR_UNUSED void **state)
{
	CLEANUP(werr) struct werr *all = NULL;

	for (int i = 0; i < 3; i++) {
		struct werr *one = NULL;

		werr_set(&one, WERR_INVALID, "%d", i);
		werr_append(&all, one);
	}
	assert_string_equal(all->next->next->message, "2");
	assert_null(all->next->next->next);
}

static void test_no_error_object(ATTR_UNUSED void **state)
{
	assert_int_equal(werr_set(NULL, WERR_EXISTS, "x"), -EEXIST);
	werr_wrap(NULL, "x");
	werr_hint(NULL, "x");
	assert_int_equal(werr_errno(NULL, EINTR, "x"), -EINTR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrapping_and_hints),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_no_error_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
