/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>

#include "base/mem.h"
#include "base/str.h"

static void test_numbers(ATTR_UNUSED void **state)
{
	uint64_t u = 0;
	int64_t i = 0;

	assert_int_equal(str_to_u64("0755", 8, &u), 0);
	assert_int_equal(u, 0755);
	assert_int_equal(str_to_u64("18446744073709551615", 10, &u), 0);
	assert_true(u == UINT64_MAX);
	assert_int_equal(str_to_u64("18446744073709551616", 10, &u), -ERANGE);
	assert_int_equal(str_to_u64("-1", 10, &u), -EINVAL);
	assert_int_equal(str_to_u64(" 1", 10, &u), -EINVAL);
	assert_int_equal(str_to_u64("+1", 10, &u), -EINVAL);
	assert_int_equal(str_to_u64("", 10, &u), -EINVAL);
	assert_int_equal(str_to_u64("12x", 10, &u), -EINVAL);
	assert_int_equal(str_to_u64("08", 8, &u), -EINVAL);
	assert_int_equal(str_to_i64("-9223372036854775808", 10, &i), 0);
	assert_true(i == INT64_MIN);
	assert_int_equal(str_to_i64("-9223372036854775809", 10, &i), -ERANGE);
	assert_int_equal(str_to_i64("9223372036854775808", 10, &i), -ERANGE);
	assert_int_equal(str_to_i64("--1", 10, &i), -EINVAL);
}

static void test_sizes(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text;
		uint64_t size;
	} good[] = {{"1", 1 << 20}, {"64K", 64 << 10}, {"512M", 512 << 20},
		{"2G", UINT64_C(2) << 30}, {"16777215T", UINT64_C(16777215) << 40}};
	static const char *const bad[] = {
		"", "0", "0G", "M", "-1", "1m", "1MB", "1.5G", "16777216T", "99999999999999999999"};
	uint64_t size = 0;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(str_to_size(good[i].text, &size), 0);
		assert_true(size == good[i].size);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_true(str_to_size(bad[i], &size) < 0);
}

static void test_nearest(ATTR_UNUSED void **state)
{
	static const char *const words[] = {"command", "capabilities", "cwd", "env", NULL};

	assert_string_equal(str_nearest("comand", words), "command");
	assert_string_equal(str_nearest("commadn", words), "command");
	assert_string_equal(str_nearest("capabilites", words), "capabilities");
	assert_string_equal(str_nearest("evn", words), "env");
	assert_string_equal(str_nearest("cap", words), "capabilities");
	assert_null(str_nearest("ca", words));
	assert_null(str_nearest("out", words));
	assert_null(str_nearest("readonly", words));
	assert_null(str_nearest("x", words));
	assert_null(str_nearest("capabilitiescapabilitiescapabilitiescapabilities"
				"capabilitiescapabilitiescapabilitiescapabilities"
				"capabilitiescapabilitiescapabilitiescapabilities",
		words));
	assert_null(str_nearest("", words));
}

static void test_lists(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv v = {0};
	CLEANUP(free) char *joined = NULL;

	strv_split(&v, "c,,a", ',');
	assert_int_equal(v.n, 3);
	assert_null(v.items[3]);
	strv_sort(&v);
	strv_addf(&v, "%d", 7);
	joined = strv_join(&v, "+");
	assert_string_equal(joined, "+a+c+7");
	assert_true(strv_has(&v, "a"));
	assert_false(strv_has(&v, "b"));
}

static void test_list_that_fits(ATTR_UNUSED void **state)
{
	static const struct {
		size_t columns;
		const char *text;
	} cases[] = {{22, "raw-bios, qcow2, vmdk"}, {21, "raw-bios, qcow2, vmdk"}, {20, "3"},
		{31, "raw-bios, qcow2, vmdk"}};
	CLEANUP(strv) struct strv v = {0};
	CLEANUP(free) char *more = NULL;

	strv_split(&v, "raw-bios,qcow2,vmdk", ',');
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(free) char *list = strv_list(&v, cases[i].columns);

		assert_string_equal(list, cases[i].text);
	}
	strv_split(&v, "uki,iso-bios,iso-efi", ',');
	more = strv_list(&v, 36);
	assert_string_equal(more, "raw-bios, qcow2, vmdk and 3 more");
}

static void test_size(ATTR_UNUSED void **state)
{
	char text[16];
	char exact[32];

	assert_string_equal(str_size(text, 0), "0 B");
	assert_string_equal(str_size(text, 1023), "1023 B");
	assert_string_equal(str_size(text, 1536), "1.5 KiB");
	assert_string_equal(str_size(text, 20 << 20), "20.0 MiB");
	assert_string_equal(str_size(text, UINT64_MAX), "16383.9 PiB");
	assert_string_equal(str_exact_size(exact, 0), "0 B");
	assert_string_equal(str_exact_size(exact, 1025), "1025 B");
	assert_string_equal(str_exact_size(exact, 5 << 20), "5 MiB");
	assert_string_equal(str_exact_size(exact, (uint64_t)2041 << 30), "2041 GiB");
	assert_string_equal(str_exact_size(exact, UINT64_MAX), "18446744073709551615 B");
}

static void test_fixed_buffers(ATTR_UNUSED void **state)
{
	char four[4];

	assert_int_equal(str_copy(four, sizeof(four), "abc"), 0);
	assert_string_equal(four, "abc");
	assert_int_equal(str_copy(four, sizeof(four), "abcd"), -E2BIG);
	assert_string_equal(four, "");
	assert_int_equal(str_format(four, sizeof(four), "%d", 12345), -E2BIG);
	assert_string_equal(four, "123");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_list_that_fits),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_fixed_buffers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
