/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/sha256.h"

/* FIPS 180-4's example. */
static const char abc_hash[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static void test_sha256(ATTR_UNUSED void **state)
{
	char hex[SHA256_HEX + 1];

	sha256_of("abc", 3, hex);
	assert_string_equal(hex, abc_hash);
}

static void test_check_reader(ATTR_UNUSED void **state)
{
	static const struct {
		const char *data, *part;
		uint64_t size;
	} cases[] = {
		{"abd", "is damaged", 3},
		{"ab", "has 2 bytes instead of 3", 3},
		{"abcd", "more than its 3 bytes", 3},
		{"", "has 0 bytes", 3},
	};
	CLEANUP(reader) struct reader *good = NULL;
	struct werr *err = NULL;

	good = sha256_check_reader_new(mem_reader_new("abc", 3), "blob", abc_hash, 3);
	assert_ok(reader_drain(good, &err), err);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(reader)
		struct reader *r = sha256_check_reader_new(
			mem_reader_new(cases[i].data, strlen(cases[i].data)), "blob", abc_hash,
			cases[i].size);

		assert_fails(reader_drain(r, &err), err, WERR_CORRUPT, cases[i].part);
		assert_fails(reader_drain(r, &err), err, WERR_CORRUPT, cases[i].part);
	}
}

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
	CLEANUP(sha256) struct sha256 *hash = sha256_new();
	uint64_t count = 0;
	CLEANUP(writer) struct writer *counter = count_writer_new(NULL, &count);
	CLEANUP(writer) struct writer *hasher = sha256_writer_new(counter, hash);
	struct werr *err = NULL;
	char hex[SHA256_HEX + 1];

	assert_ok(writer_write(hasher, "abc", 3, &err), err);
	assert_ok(writer_finish(hasher, &err), err);
	assert_ok(writer_fill(counter, 0, 10000, &err), err);
	assert_int_equal(count, 10003);
	sha256_hex(hash, hex);
	assert_string_equal(hex, abc_hash);
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
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_check_reader),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_writers),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
