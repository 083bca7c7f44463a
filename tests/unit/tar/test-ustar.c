/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "tar/ustar.h"

/* What GNU tar writes for an empty file owned by root: tar --format=ustar --mode=644 --mtime=@0. */
static void test_a_sealed_header(ATTR_UNUSED void **state)
{
	struct ustar h;
	const char *block = (const char *)&h;

	ustar_init(&h, '0', "name");
	ustar_put_octal(h.major, sizeof(h.major), 0);
	ustar_put_octal(h.minor, sizeof(h.minor), 0);
	assert_false(ustar_is_intact(&h));
	ustar_seal(&h);
	assert_true(ustar_is_intact(&h));
	assert_string_equal(block, "name");
	assert_memory_equal(block + 100, "0000644\0000000000\0000000000\00000000000000", 36);
	assert_memory_equal(block + 136, "00000000000\000010036\0 0\0", 22);
	assert_memory_equal(block + 257, "ustar\00000", 8);
	h.uid[3] = '1';
	assert_false(ustar_is_intact(&h));
	ustar_set_checksum(&h);
	assert_true(ustar_is_intact(&h));
}

static void test_octal(ATTR_UNUSED void **state)
{
	uint64_t value = 1;
	char field[8];

	assert_true(ustar_put_octal(field, sizeof(field), 07654321));
	assert_memory_equal(field, "7654321", 8);
	assert_true(ustar_get_number(field, sizeof(field), &value));
	assert_int_equal(value, 07654321);
	assert_false(ustar_put_octal(field, sizeof(field), 010000000));
	assert_memory_equal(field, "0000000", 8);
}

static void test_base256(ATTR_UNUSED void **state)
{
	static const uint64_t values[] = {0, 0777777777777, UINT64_C(1) << 40, INT64_MAX};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		uint64_t value = 1;
		char field[12];

		ustar_put_base256(field, sizeof(field), values[i]);
		assert_true(ustar_get_number(field, sizeof(field), &value));
		assert_true(value == values[i]);
	}
}

static void test_reading_numbers(ATTR_UNUSED void **state)
{
	static const struct {
		const char *field; /* 12 bytes */
		bool valid;
		uint64_t value;
	} cases[] = {
		{"00000000017\0", true, 15}, {"000000000017", true, 15}, /* full: no NUL */
		{"        17 \0", true, 15}, {"17 99999999\0", true, 15},
		{"\0\0\0\0\0\0\0\0\0\0\0\0", true, 0}, {"00000000018\0", false, 0},
		{"-1\0\0\0\0\0\0\0\0\0\0", false, 0}, {"\x80\0\0\0\0\0\0\0\0\0\1\0", true, 256},
		{"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", true, INT64_MAX},
		{"\x80\0\0\0\x80\0\0\0\0\0\0\0", false, 0},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", false, 0}, /* -1 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t value = 0;

		assert_int_equal(ustar_get_number(cases[i].field, 12, &value), cases[i].valid);
		assert_true(value == cases[i].value || !cases[i].valid);
	}
}

static void test_paths(ATTR_UNUSED void **state)
{
	struct ustar h;
	CLEANUP(free) char *name = NULL, *both = NULL, *old = NULL;

	ustar_init(&h, '0', "n");
	memset(h.name, 'n', sizeof(h.name));
	ustar_seal(&h);
	name = ustar_path(&h);
	assert_int_equal(strlen(name), USTAR_NAME);
	memset(h.prefix, 'p', sizeof(h.prefix));
	both = ustar_path(&h);
	assert_int_equal(strlen(both), USTAR_PREFIX + 1 + USTAR_NAME);
	/* GNU's magic: its format has other fields where the prefix would be. */
	memcpy(h.magic, "ustar ", sizeof(h.magic));
	old = ustar_path(&h);
	assert_string_equal(old, name);
}

static void test_padding(ATTR_UNUSED void **state)
{
	assert_int_equal(tar_padding(0), 0);
	assert_int_equal(tar_padding(1), 511);
	assert_int_equal(tar_padding(512), 0);
	assert_int_equal(tar_padding(UINT64_MAX), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_sealed_header),
		cmocka_unit_test(test_octal),
		cmocka_unit_test(test_base256),
		cmocka_unit_test(test_reading_numbers),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_padding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
