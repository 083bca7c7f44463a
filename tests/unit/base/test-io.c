/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
	a = fd_range_reader_new(fd, "file", 2, 4);
	b = fd_range_reader_new(fd, "file", 8, 5);
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
	assert_ok(writer_skip(counter, (uint64_t)2 << 40, &err), err);
	assert_int_equal(count, ((uint64_t)2 << 40) + 10003);
}

enum { HOLE = 1 << 20 };

/* What a file has after "ab", a skip of n and "c" (if that is wanted); its size is the result. */
static off_t skip_in(int fd, uint64_t n, bool end)
{
	CLEANUP(writer) struct writer *w = fd_writer_new(fd, FD_LENT, "out");
	struct werr *err = NULL;
	struct stat st;

	assert_ok(writer_write(w, "ab", 2, &err), err);
	assert_ok(writer_skip(w, n, &err), err);
	if (end)
		assert_ok(writer_write(w, "c", 1, &err), err);
	assert_ok(writer_finish(w, &err), err);
	assert_int_equal(fstat(fd, &st), 0);
	return st.st_size;
}

/* The file has these bytes, then n zeros, then the rest. */
static void assert_zeros_between(int fd, const char *before, size_t n, const char *after)
{
	CLEANUP(reader)
	struct reader *r = fd_range_reader_new(fd, "file", 0, strlen(before) + n + strlen(after));
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	size_t size;

	assert_ok(reader_read_all(r, HOLE + 100, &text, &size, &err), err);
	assert_memory_equal(text, before, strlen(before));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(text[strlen(before) + i], 0);
	assert_string_equal(text + strlen(before) + n, after);
}

static void test_hole(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;
	CLEANUP(fd) int middle = -1;
	CLEANUP(fd) int last = -1;
	CLEANUP(fd) int little = -1;
	struct stat st;

	assert_ok(file_open_unnamed("/tmp", &middle, &err), err);
	assert_int_equal(skip_in(middle, HOLE, true), HOLE + 3);
	assert_zeros_between(middle, "ab", HOLE, "c");
	assert_int_equal(fstat(middle, &st), 0);
	assert_true(st.st_blocks * 512 < HOLE / 2);
	/* One at the end counts as well. */
	assert_ok(file_open_unnamed("/tmp", &last, &err), err);
	assert_int_equal(skip_in(last, HOLE, false), HOLE + 2);
	assert_zeros_between(last, "ab", HOLE, "");
	assert_ok(file_open_unnamed("/tmp", &little, &err), err);
	assert_int_equal(skip_in(little, 5, true), 8);
	assert_zeros_between(little, "ab", 5, "c");
}

/* What lies ahead in the file becomes zeros; appended bytes come after the zeros. */
static void test_no_hole(ATTR_UNUSED void **state)
{
	static const char old[HOLE + 10] = {[HOLE + 3] = 'o', 'l', 'd'};
	struct werr *err = NULL;
	CLEANUP(fd) int over = -1;
	CLEANUP(fd) int append = -1;

	assert_ok(file_open_unnamed("/tmp", &over, &err), err);
	assert_int_equal(fd_write_all(over, old, sizeof(old)), 0);
	assert_int_equal(lseek(over, 0, SEEK_SET), 0);
	assert_int_equal(skip_in(over, HOLE, true), sizeof(old));
	assert_zeros_between(over, "ab", HOLE, "cold");
	assert_ok(file_open_unnamed("/tmp", &append, &err), err);
	assert_int_equal(fcntl(append, F_SETFL, O_APPEND), 0);
	assert_int_equal(skip_in(append, HOLE, true), HOLE + 3);
	assert_zeros_between(append, "ab", HOLE, "c");
}

static void test_skip_in_a_pipe(ATTR_UNUSED void **state)
{
	enum { ZEROS = 10000 };
	CLEANUP(writer) struct writer *w = NULL;
	CLEANUP(reader) struct reader *r = NULL;
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	size_t size;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	w = fd_writer_new(ends[1], FD_OWNED, "pipe");
	r = fd_reader_new(ends[0], FD_OWNED, "pipe");
	assert_ok(writer_write(w, "ab", 2, &err), err);
	assert_ok(writer_skip(w, ZEROS, &err), err);
	writer_free(STEAL(w));
	assert_ok(reader_read_all(r, HOLE, &text, &size, &err), err);
	assert_int_equal(size, 2 + ZEROS);
	assert_memory_equal(text, "ab\0\0", 4);
}

/* ---- parts of files ---- */

enum { LARGE = 5 << 19 }; /* more than one step, and no whole number of them */

/* A file of LARGE bytes, a pattern that shows where each is from. */
static char *make_large(int *ret_fd)
{
	char *bytes = mem_alloc(LARGE);
	struct werr *err = NULL;

	for (size_t i = 0; i < LARGE; i++)
		bytes[i] = (char)(i % 251);
	assert_ok(file_open_unnamed("/tmp", ret_fd, &err), err);
	assert_int_equal(fd_write_all(*ret_fd, bytes, LARGE), 0);
	return bytes;
}

/* Copied by the kernel, and by reading and writing: to a file that it can't append to. */
static void test_parts_of_a_file_in_another(ATTR_UNUSED void **state)
{
	static const int flags[] = {0, O_APPEND};
	static const struct io_range part = {.offset = 7, .size = LARGE - 9};
	CLEANUP(fd) int from = -1;
	CLEANUP(free) char *bytes = make_large(&from);

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		CLEANUP(fd) int to = -1;
		CLEANUP(free) char *got = mem_alloc(LARGE);
		CLEANUP(writer) struct writer *w = NULL;
		CLEANUP(writer) struct writer *counter = NULL;
		const struct io_range range = {from, part.offset, part.size};
		uint64_t count = 0;
		struct werr *err = NULL;

		assert_ok(file_open_unnamed("/tmp", &to, &err), err);
		assert_int_equal(fcntl(to, F_SETFL, flags[i]), 0);
		w = fd_writer_new(to, FD_LENT, "out");
		counter = count_writer_new(w, &count);
		assert_ok(writer_write(counter, "ab", 2, &err), err);
		assert_ok(writer_add_range(counter, &range, &err), err);
		assert_ok(writer_write(counter, "c", 1, &err), err);
		assert_int_equal(count, part.size + 3);
		assert_int_equal(lseek(to, 0, SEEK_END), part.size + 3);
		assert_ok(fd_read_at(to, "out", 2, got, part.size + 1, &err), err);
		assert_memory_equal(got, bytes + part.offset, part.size);
		assert_int_equal(got[part.size], 'c');
	}
}

static void test_a_part_that_is_not_there(ATTR_UNUSED void **state)
{
	CLEANUP(fd) int from = -1, to = -1;
	CLEANUP(free) ATTR_UNUSED char *bytes = make_large(&from);
	CLEANUP(writer) struct writer *w = NULL;
	struct werr *err = NULL;

	assert_ok(file_open_unnamed("/tmp", &to, &err), err);
	w = fd_writer_new(to, FD_LENT, "out");
	assert_fails(writer_add_range(w, &(struct io_range){from, 1, LARGE}, &err), err,
		WERR_CORRUPT, "ends too early");
}

/* A hole beyond what a file can have. */
static void test_too_large_a_hole(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;
	CLEANUP(fd) int fd = -1;

	assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
	assert_false(fd_make_hole(fd, UINT64_MAX));
	assert_false(fd_make_hole(fd, INT64_MAX));
	assert_int_equal(lseek(fd, 0, SEEK_END), 0);
}

static void test_full_disk(ATTR_UNUSED void **state)
{
	CLEANUP(writer)
	struct writer *w = fd_writer_new(open("/dev/full", O_WRONLY), FD_OWNED, "out");
	struct werr *err = NULL;

	assert_fails(writer_write(w, "x", 1, &err), err, WERR_NO_SPACE, "can't write out");
	assert_fails(writer_skip(w, HOLE, &err), err, WERR_NO_SPACE, "can't write out");
}

static void test_random(ATTR_UNUSED void **state)
{
	char a[16] = {0}, b[16] = {0};

	assert_int_equal(fd_random(a, sizeof(a)), 0);
	assert_int_equal(fd_random(b, sizeof(b)), 0);
	assert_memory_not_equal(a, b, sizeof(a));
}

struct skips {
	struct writer writer;
	uint64_t written, skipped;
};

static int skips_write(
	struct writer *w, ATTR_UNUSED const void *p, size_t size, ATTR_UNUSED struct werr **err)
{
	CONTAINER_OF(w, struct skips, writer)->written += size;
	return 0;
}

static int skips_skip(struct writer *w, uint64_t n, ATTR_UNUSED struct werr **err)
{
	CONTAINER_OF(w, struct skips, writer)->skipped += n;
	return 0;
}

static void test_sparse_copies(ATTR_UNUSED void **state)
{
	enum { SIZE = 3 * IO_CHUNK + 5 };
	static char bytes[SIZE];
	struct skips s = {.writer = {.write = skips_write, .skip = skips_skip}};
	CLEANUP(reader) struct reader *r = mem_reader_new(bytes, SIZE);
	struct werr *err = NULL;

	bytes[5000] = 1;
	bytes[SIZE - 1] = 1;
	assert_ok(io_copy_sparse(r, &s.writer, &err), err);
	assert_int_equal(s.written, 4096 + 5);
	assert_int_equal(s.skipped, SIZE - 4096 - 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_writers),
		cmocka_unit_test(test_hole),
		cmocka_unit_test(test_no_hole),
		cmocka_unit_test(test_skip_in_a_pipe),
		cmocka_unit_test(test_parts_of_a_file_in_another),
		cmocka_unit_test(test_a_part_that_is_not_there),
		cmocka_unit_test(test_too_large_a_hole),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_sparse_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
