/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"

static void test_ranges(ATTR_UNUSED void **state)
{
	CLEANUP(reader) struct reader *a = NULL;
	CLEANUP(reader) struct reader *b = NULL;
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	char two[2];
	size_t size;
	int fd;

	assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
	assert_int_equal(fd_write_all(fd, "0123456789", 10), 0);
	a = range_reader_new(fd, false, "file", 2, 4);
	b = range_reader_new(fd, true, "file", 8, 5);
	assert_ok(reader_read_full(a, two, 2, &err), err);
	assert_memory_equal(two, "23", 2);
	assert_fails(reader_drain(b, &err), err, WERR_CORRUPT, "ends too early");
	assert_ok(reader_read_all(a, 100, &text, &size, &err), err);
	assert_string_equal(text, "45");
}

static void test_limits(ATTR_UNUSED void **state)
{
	CLEANUP(reader) struct reader *r = mem_reader_new("12345", 5);
	CLEANUP(reader) struct reader *s = mem_reader_new("12345", 5);
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	size_t size;
	char ten[10];

	assert_fails(reader_read_all(r, 4, &text, &size, &err), err, WERR_LIMIT, "larger than");
	assert_fails(reader_read_full(s, ten, 10, &err), err, WERR_CORRUPT, "too early");
}

static void test_writers(ATTR_UNUSED void **state)
{
	uint64_t count = 0;
	CLEANUP(writer) struct writer *counter = count_writer_new(NULL, &count);
	struct werr *err = NULL;

	assert_ok(writer_write(counter, "abc", 3, &err), err);
	assert_ok(writer_finish(counter, &err), err);
	assert_ok(writer_fill(counter, 0, 10000, &err), err);
	assert_int_equal(count, 10003);
}

static void test_full_disk(ATTR_UNUSED void **state)
{
	CLEANUP(writer) struct writer *w = fd_writer_new(open("/dev/full", O_WRONLY), true, "out");
	struct werr *err = NULL;

	assert_fails(writer_write(w, "x", 1, &err), err, WERR_NO_SPACE, "can't write out");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_writers),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
