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

static void test_passing_on(ATTR_UNUSED void **state)
{
	CLEANUP(werr) struct werr *err = NULL;
	struct werr *why = NULL;

	werr_set(&err, WERR_FAILED, "a guess");
	werr_set(&why, WERR_DENIED, "the reason");
	werr_pass(&err, STEAL(why));
	assert_string_equal(err->message, "the reason");
	assert_null(err->next);
	werr_set(&why, WERR_DENIED, "a reason that nobody asks for");
	werr_pass(NULL, STEAL(why)); /* ASan sees what is not freed */
	werr_pass(&err, NULL);
	assert_null(err);
}

static void test_collecting(ATTR_UNUSED void **state)
{
	static const enum werr_kind kinds[] = {WERR_DENIED, WERR_EXISTS};
	CLEANUP(werr) struct werr *all = NULL;
	int result = 0, silent = 0;

	werr_collect(&all, &result, 0, NULL);
	assert_int_equal(result, 0);
	assert_null(all);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct werr *one = NULL, *other = NULL;
		int r = werr_set(&one, kinds[i], "%zu", i);

		werr_collect(&all, &result, r, one);
		r = werr_set(&other, kinds[i], "%zu", i);
		werr_collect(NULL, &silent, r, other);
	}
	werr_collect(&all, &result, 0, NULL);
	assert_int_equal(result, -EACCES);
	assert_int_equal(silent, -EACCES);
	assert_string_equal(all->message, "0");
	assert_string_equal(all->next->message, "1");
	assert_null(all->next->next);
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
		cmocka_unit_test(test_passing_on),
		cmocka_unit_test(test_collecting),
		cmocka_unit_test(test_no_error_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
