/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "tar/tar-header.h"

/* The length of a record includes its own digits, even when that adds a digit. */
static void test_the_length_of_a_record(ATTR_UNUSED void **state)
{
	static const struct {
		size_t value, length; /* bytes */
	} cases[] = {
		{0, 5}, {4, 9}, {5, 11}, {92, 98}, {93, 99}, {94, 101}, {991, 998}, {993, 1001}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(buf) struct buf record = BUF_INIT(4096);
		CLEANUP(free) char *value = mem_alloc(cases[i].value + 1);

		memset(value, 'v', cases[i].value);
		tar_record_put(&record, "k", value, cases[i].value);
		assert_int_equal(record.len, cases[i].length);
		assert_int_equal(strtoul(buf_str(&record), NULL, 10), cases[i].length);
	}
}

static void test_records_are_read_back(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf records = BUF_INIT(4096);
	struct tar_head head = {0};

	tar_record_put(&records, "LINUXKIT.source", "nginx", 5);
	tar_record_put(&records, "path", "a\n5 b=c\n", 8);
	tar_record_put(&records, "size", "77", 2);
	tar_record_put(&records, "linkpath", "", 0);
	assert_true(tar_records_read(&head, records.data, records.len));
	assert_string_equal(head.source, "nginx");
	assert_string_equal(head.path, "a\n5 b=c\n");
	assert_null(head.location);
	assert_true(head.sized && head.size == 77);
	assert_false(head.linked);
	tar_head_cleanup(&head);
}

static void test_broken_records(ATTR_UNUSED void **state)
{
	static const char *const broken[] = {
		"x path=a\n",
		"9 path=a ", /* no newline at the given length */
		"8 path=a\n",
		"99 path=a\n", /* beyond the end */
		"2 \n",
		"8 pathab\n",
		"18446744073709551616 path=a\n",
		"10 size=-1\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		struct tar_head head = {0};

		assert_false(tar_records_read(&head, broken[i], strlen(broken[i])));
		tar_head_cleanup(&head);
	}
}

static void test_a_header(ATTR_UNUSED void **state)
{
	struct tar_header got = {0};
	struct ustar h;

	ustar_init(&h, '5', "dir/");
	ustar_put_octal(h.size, sizeof(h.size), 1000);
	ustar_seal(&h);
	assert_true(tar_header_read(&h, &got));
	assert_int_equal(got.type, '5');
	assert_int_equal(got.size, 1000);
	h.type = '0';
	assert_false(tar_header_read(&h, &got));
	assert_true(tar_has_content('0') && tar_has_content(0) && tar_has_content('7'));
	assert_false(tar_has_content('1') || tar_has_content('5'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_length_of_a_record),
		cmocka_unit_test(test_records_are_read_back),
		cmocka_unit_test(test_broken_records),
		cmocka_unit_test(test_a_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
