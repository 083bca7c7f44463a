/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"

/* Each function gives a new string; NULL is written "NULL". */
static void check(char *got, const char *expected)
{
	assert_string_equal(got ? got : "NULL", expected);
	free(got);
}

static void test_parts(ATTR_UNUSED void **state)
{
	check(path_join("a", "b"), "a/b");
	check(path_join("a/", "b"), "a/b");
	check(path_join("", "b"), "b");
	check(path_join("a", "/b"), "/b");
	check(path_base("a/b//"), "b");
	check(path_base("b"), "b");
	check(path_base("/"), "");
	check(path_dir("a/b/"), "a");
	check(path_dir("a//b"), "a");
	check(path_dir("b"), ".");
	check(path_dir("/b"), "/");
	check(path_dir("/"), "/");
}

static void test_inside(ATTR_UNUSED void **state)
{
	char long_name[300];

	check(path_inside("/a/./b//c/"), "a/b/c");
	check(path_inside("."), "");
	check(path_inside("/"), "");
	check(path_inside("a..b/..c"), "a..b/..c");
	check(path_inside("../a"), "NULL");
	check(path_inside("a/.."), "NULL");
	check(path_inside("a/../b"), "NULL");
	memset(long_name, 'x', 256);
	long_name[256] = 0;
	check(path_inside(long_name), "NULL");
	long_name[255] = 0;
	check(path_inside(long_name), long_name);
}

static void test_match(ATTR_UNUSED void **state)
{
	assert_true(path_match("usr/lib/*.so", "usr/lib/libc.so"));
	assert_false(path_match("usr/*.so", "usr/lib/libc.so"));
	assert_true(path_match("usr/**", "usr/lib/libc.so"));
	assert_true(path_match("usr/**/*.so", "usr/lib/x/libc.so"));
	assert_false(path_match("usr/**/*.so", "usr/lib/x/libc.a"));
	assert_true(path_match("etc/nginx/", "etc/nginx/a/b"));
	assert_false(path_match("etc/nginx/", "etc/nginx2/a"));
	assert_true(path_match("lib[cm].so", "libm.so"));
	assert_false(path_match("", "x"));
	assert_true(path_match("**", "any/thing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
