/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "common/conffile.h"

/* Collects the lines, and fails on "bad". */
static int collect(const char *text, void *ctx, struct werr **err)
{
	if (str_eq(text, "bad"))
		return werr_set(err, WERR_INVALID, "a bad line");
	strv_add(ctx, text);
	return 0;
}

static void test_spaces_and_comments_are_skipped(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv lines = {0};
	CLEANUP(free) char *all = NULL;
	struct werr *err = NULL;

	assert_ok(
		conffile_parse("f", "\n# c\n ; c\n  one two \t\r\n\nthree", collect, &lines, &err),
		err);
	all = strv_join(&lines, "|");
	assert_string_equal(all, "one two|three");
}

static void test_mistakes_have_a_place_and_the_rest_is_applied(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv lines = {0};
	CLEANUP(werr) struct werr *err = NULL;

	assert_int_equal(conffile_parse("f", "bad\none\n\nbad\n", collect, &lines, &err), -EINVAL);
	assert_string_equal(err->file, "f");
	assert_int_equal(err->line, 1);
	assert_int_equal(err->next->line, 4);
	assert_null(err->next->next);
	assert_int_equal(lines.n, 1);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	CLEANUP(free) char *path = path_join(dir, name);
	struct werr *err = NULL;

	assert_ok(file_write_atomic(path, 0644, text, strlen(text), &err), err);
}

static void test_files_are_read_in_order_of_name(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv lines = {0};
	CLEANUP(free) char *dir = NULL;
	CLEANUP(free) char *all = NULL;
	struct werr *err = NULL;

	assert_ok(file_temp_dir("/tmp", "wherry-test", &dir, &err), err);
	write_file(dir, "20-b.conf", "second");
	write_file(dir, "10-a.conf", "first");
	write_file(dir, "30-c.conf~", "never");
	write_file(dir, ".05.conf", "never");
	assert_ok(conffile_each_line(dir, collect, &lines, &err), err);
	all = strv_join(&lines, "|");
	assert_string_equal(all, "first|second");
	assert_ok(file_remove_all(dir, &err), err);
	assert_ok(conffile_each_line(dir, collect, &lines, &err), err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spaces_and_comments_are_skipped),
		cmocka_unit_test(test_mistakes_have_a_place_and_the_rest_is_applied),
		cmocka_unit_test(test_files_are_read_in_order_of_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
