/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"

static void test_runs(ATTR_UNUSED void **state)
{
	CLEANUP(bytes) struct bytes *all = bytes_of_memory("0123456789", 10);
	const struct bytes_run runs[] = {{8, 2}, {3, 0}, {0, 3}, {5, 1}},
			       beyond[] = {{0, 4}, {9, 2}};
	CLEANUP(bytes) struct bytes *some = bytes_of_runs(all, runs, ARRAY_SIZE(runs));
	CLEANUP(bytes) struct bytes *missing = bytes_of_runs(all, beyond, ARRAY_SIZE(beyond));
	CLEANUP(reader) struct reader *r = bytes_reader_new(some, 1, 4);
	CLEANUP(free) char *rest = NULL;
	struct werr *err = NULL;
	char text[8] = "";
	size_t got;

	assert_int_equal(some->size, 6);
	assert_ok(bytes_read(some, 0, text, 6, &err), err);
	assert_string_equal(text, "890125");
	for (size_t at = 0; at < 6; at++) {
		assert_ok(bytes_read(some, at, text, 1, &err), err);
		assert_int_equal(text[0], "890125"[at]);
	}
	assert_fails(bytes_read(some, 5, text, 2, &err), err, WERR_CORRUPT, "too early");
	assert_fails(bytes_read(some, UINT64_MAX, text, 2, &err), err, WERR_CORRUPT, "too early");
	assert_ok(bytes_read_some(some, 4, text, 8, &got, &err), err);
	assert_int_equal(got, 2);
	assert_ok(reader_read_all(r, 100, &rest, &got, &err), err);
	assert_string_equal(rest, "9012");
	assert_int_equal(missing->size, 6);
	assert_ok(bytes_read(missing, 1, text, 3, &err), err);
	assert_fails(bytes_read(missing, 1, text, 5, &err), err, WERR_CORRUPT, "too early");
}

static void test_skip_zeros(ATTR_UNUSED void **state)
{
	enum { LONG = 2 * IO_CHUNK };
	CLEANUP(free) char *zeros = mem_new_array(char, LONG + 1);
	CLEANUP(bytes) struct bytes *short_ones = bytes_of_memory("a\0\0b\0", 5);
	CLEANUP(bytes) struct bytes *many = bytes_of_memory(zeros, LONG + 1);
	const struct bytes_run beyond[] = {{1, 2}, {4, 9}};
	CLEANUP(bytes) struct bytes *missing = bytes_of_runs(short_ones, beyond, 2);
	static const uint64_t wanted[] = {0, 3, 3, 3, 5, 5};
	struct werr *err = NULL;
	uint64_t at;

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		assert_ok(bytes_skip_zeros(short_ones, i, &at, &err), err);
		assert_int_equal(at, wanted[i]);
	}
	assert_ok(bytes_skip_zeros(many, 1, &at, &err), err);
	assert_int_equal(at, LONG + 1);
	zeros[LONG] = 1;
	assert_ok(bytes_skip_zeros(many, 0, &at, &err), err);
	assert_int_equal(at, LONG);
	assert_fails(bytes_skip_zeros(missing, 0, &at, &err), err, WERR_CORRUPT, "too early");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs), cmocka_unit_test(test_skip_zeros)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
