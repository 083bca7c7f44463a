/* SPDX-License-Identifier: Apache-2.0 */
/* What an ISO 9660 refuses, and where things are; tests/cli/test_metadata.py asks other programs.
 */
#include "check.h"

#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/iso9660.h"

enum { HEAD = 16 * 2048, RECORD_MAX = 48 };

static int layout(const struct iso_file *files, size_t n, struct extents *ret, struct werr **err)
{
	const struct iso_options o = {.volume = "test", .files = files, .n_files = n};

	return iso_layout(&o, ret, err);
}

static void test_a_file(ATTR_UNUSED void **state)
{
	static const struct iso_file file = {"Read.Me", "hello", 5};
	CLEANUP(extents) struct extents image = {0};
	struct werr *err = NULL;
	const unsigned char *p;

	assert_ok(layout(&file, 1, &image, &err), err);
	assert_int_equal(image.size, 32 * 2048);
	assert_int_equal(image.n, 2);
	assert_int_equal(image.items[0].at, HEAD);
	assert_int_equal(image.items[1].at, 21 * 2048);
	p = image.memory[0];
	assert_memory_equal(p, "\1CD001\1", 7);
	assert_memory_equal(p + 40, "TEST    ", 8);
	assert_int_equal(le32_get(p + 80), 32);
	assert_int_equal(be32_get(p + 84), 32);
	/* The root directory: itself, its parent, the file. */
	p += 4 * 2048;
	assert_int_equal(p[0], 34);
	p += 2 * (size_t)p[0];
	assert_int_equal(le32_get(p + 2), 21);
	assert_int_equal(be32_get(p + 14), 5);
	assert_int_equal(p[32], 9);
	assert_memory_equal(p + 33, "READ.ME;1", 9);
}

/* As many as make the directory longer than a sector; no record may be in two. */
static void test_a_directory_of_many_sectors(ATTR_UNUSED void **state)
{
	enum { N = 300 };
	CLEANUP(extents) struct extents image = {0};
	struct iso_file files[N];
	char names[N][16];
	struct werr *err = NULL;
	const unsigned char *head, *root;
	size_t found = 0, at = 0, size;

	for (size_t i = 0; i < N; i++) {
		str_format(names[i], sizeof(names[i]), "file%zu", (i * 7) % N);
		files[i] = (struct iso_file){names[i], "x", 1};
	}
	assert_ok(layout(files, N, &image, &err), err);
	head = image.memory[0];
	root = head + 4 * (size_t)2048;
	size = le32_get(head + 156 + 10);
	assert_true(size > 4 * (size_t)2048);
	while (at < size) {
		if (root[at] == 0) {
			at = (at / 2048 + 1) * 2048;
			continue;
		}
		assert_true(at % 2048 + root[at] <= 2048);
		assert_true(root[at] <= RECORD_MAX);
		at += root[at];
		found++;
	}
	assert_int_equal(found, N + 2);
	assert_int_equal(image.size, (20 + size / 2048 + N) * 2048);
}

static void test_what_is_refused(ATTR_UNUSED void **state)
{
	static const struct {
		struct iso_file files[2];
		enum werr_kind kind;
		const char *part;
	} bad[] = {
		{{{"a", "", 0}, {"A", "", 0}}, WERR_EXISTS,
			"two files of an ISO 9660 are called A.;1"},
		{{{"a", "", 0}, {"", "", 0}}, WERR_INVALID, "can't have a file ''"},
		{{{"a", "", 0}, {"b.c.d", "", 0}}, WERR_INVALID, "'b.c.d'"},
		{{{"a", "", 0}, {"b/c", "", 0}}, WERR_INVALID, "'b/c'"},
		{{{"a", "", 0}, {"b c", "", 0}}, WERR_INVALID, "'b c'"},
		{{{"a", "", 0}, {"a234567890123456789012345678901", "", 0}}, WERR_INVALID, "'a23"},
		{{{"a", "", UINT32_MAX}, {"b", "", 1}}, WERR_LIMIT, "more than 4 GiB"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct extents image = {0};
		struct werr *err = NULL;

		assert_fails(layout(bad[i].files, 2, &image, &err), err, bad[i].kind, bad[i].part);
		assert_null(image.memory);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file),
		cmocka_unit_test(test_a_directory_of_many_sectors),
		cmocka_unit_test(test_what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
