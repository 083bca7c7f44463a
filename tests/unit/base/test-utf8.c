/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/utf8.h"

/* The first and the last of each form of RFC 3629, section 4. */
static const struct {
	const char *bytes;
	uint32_t point;
} valid[] = {
	{"a", 'a'},
	{"\x7f", 0x7F},
	{"\xc2\x80", 0x80},
	{"\xdf\xbf", 0x7FF},
	{"\xe0\xa0\x80", 0x800},
	{"\xe1\x80\x80", 0x1000},
	{"\xed\x9f\xbf", 0xD7FF},
	{"\xee\x80\x80", 0xE000},
	{"\xef\xbf\xbf", 0xFFFF},
	{"\xf0\x90\x80\x80", 0x10000},
	{"\xf3\xbf\xbf\xbf", 0xFFFFF},
	{"\xf4\x8f\xbf\xbf", 0x10FFFF},
};

static void test_each_form(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(valid); i++) {
		CLEANUP(buf) struct buf out = BUF_INIT(8);
		size_t size = strlen(valid[i].bytes);
		uint32_t point = 0;

		assert_int_equal(utf8_size(valid[i].bytes, size), size);
		assert_int_equal(utf8_decode(valid[i].bytes, size, &point), size);
		assert_int_equal(point, valid[i].point);
		assert_true(utf8_is_valid(valid[i].bytes, size));
		assert_false(utf8_is_valid(valid[i].bytes, size - 1) && size > 1);
		utf8_put(&out, point);
		assert_string_equal(buf_str(&out), valid[i].bytes);
	}
}

static void test_what_is_not_utf8(ATTR_UNUSED void **state)
{
	static const char *const invalid[] = {
		"\x80",             /* begins with a later byte */
		"\xc0\x80",         /* overlong */
		"\xc1\xbf",         /* overlong */
		"\xe0\x9f\xbf",     /* overlong */
		"\xf0\x8f\xbf\xbf", /* overlong */
		"\xed\xa0\x80",     /* a surrogate */
		"\xf4\x90\x80\x80", /* beyond U+10FFFF */
		"\xf5\x80\x80\x80",
		"\xff",
		"\xc3(",
		"\xe2\x82(",
	};

	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++) {
		uint32_t point = 7;

		assert_int_equal(utf8_decode(invalid[i], strlen(invalid[i]), &point), 0);
		assert_int_equal(point, 7);
		assert_false(utf8_is_valid(invalid[i], strlen(invalid[i])));
	}
}

static void test_whole_texts(ATTR_UNUSED void **state)
{
	assert_true(utf8_is_valid("", 0));
	assert_true(utf8_is_valid("a\0b", 3));
	assert_true(utf8_is_valid("gr\xc3\xbc\xc3\x9f", 6));
	assert_false(utf8_is_valid("gr\xc3\xbc\xc3", 5));
}

static void test_utf16(ATTR_UNUSED void **state)
{
	static const uint16_t expected[] = {'a', 0xDF, 0xD83D, 0xDE00, 0xDBFF, 0xDFFF, 0xFFFF};
	static const char text[] = "a\xc3\x9f\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\xef\xbf\xbf";
	uint16_t units[ARRAY_SIZE(expected) + 1] = {0};

	assert_int_equal(utf8_to_utf16(text, strlen(text), units, 7), 7);
	assert_memory_equal(units, expected, sizeof(expected));
	/* No more is written than there is room for. */
	memset(units, 0, sizeof(units));
	assert_int_equal(utf8_to_utf16(text, strlen(text), units, 3), 7);
	assert_memory_equal(units, expected, 3 * sizeof(units[0]));
	assert_int_equal(units[3], 0);
	assert_int_equal(utf8_to_utf16("", 0, units, 0), 0);
	assert_int_equal(utf8_to_utf16("a\xff", 2, units, 7), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_form),
		cmocka_unit_test(test_what_is_not_utf8),
		cmocka_unit_test(test_whole_texts),
		cmocka_unit_test(test_utf16),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
