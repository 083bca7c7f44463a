/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an ISO 9660 has what, to the byte, and what it refuses; test-peers.py of fs/ and
 * tests/cli/test_metadata.py ask other programs.
 */
#include "check.h"

#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/iso-look.h"

enum { PX = 44, TF = 12 };

static void test_a_file(ATTR_UNUSED void **state)
{
	CLEANUP(iso_node) struct iso_node *root = iso_node_new_root(&dir_meta);
	CLEANUP(iso_image) struct iso_image image = {0};
	struct iso_file file = {.data = {.bytes = "hello", .size = 5}};
	struct werr *err = NULL;
	const unsigned char *p;

	iso_node_add(root, "Read.Me", &file_meta)->file = &file;
	assert_ok(layout(root, &image, &err), err);
	assert_int_equal(image.extents.size, 32 * 2048);
	assert_int_equal(image.extents.n, 2);
	assert_int_equal(image.extents.items[0].at, HEAD);
	assert_int_equal(image.extents.items[1].at, 23 * 2048);
	assert_int_equal(file.sector, 23);
	p = image.head;
	assert_memory_equal(p, "\1CD001\1", 7);
	assert_memory_equal(p + 40, "TEST    ", 8);
	assert_int_equal(le32_get(p + 80), 32);
	assert_int_equal(be32_get(p + 84), 32);
	assert_memory_equal(p + 2048, "\377CD001\1", 7);
	p = record(&image, ROOT, "READ.ME;1");
	assert_int_equal(p[0], (33 + 9 + PX + TF + 5 + 7 + 1) & ~1);
	assert_int_equal(le32_get(p + 2), 23);
	assert_int_equal(be32_get(p + 14), 5);
	assert_memory_equal(p + 18, "\x75\x4\x12\x10\x1e\0\0\0", 8);
	p = field(p, "PX");
	assert_int_equal(le32_get(p + 4), S_IFREG | 0640);
	assert_int_equal(be32_get(p + 8), S_IFREG | 0640);
	assert_int_equal(le32_get(p + 12), 1);
	assert_int_equal(le32_get(p + 20), 1);
	assert_int_equal(le32_get(p + 28), 70000);
	assert_memory_equal(p + PX, "TF\xc\1\2\x75\x4\x12\x10\x1e\0\0", 12);
	assert_memory_equal(p + PX + TF, "NM\xc\1\0Read.Me", 12);
}

/* SP is the first field of the root, and ER is where its CE says. */
static void test_the_root(ATTR_UNUSED void **state)
{
	CLEANUP(iso_node) struct iso_node *root = iso_node_new_root(&dir_meta);
	CLEANUP(iso_image) struct iso_image image = {0};
	struct werr *err = NULL;
	const unsigned char *p, *area;

	assert_ok(layout(root, &image, &err), err);
	p = sector(&image, ROOT);
	assert_memory_equal(p + 34, "SP\7\1\xbe\xef\0", 7);
	p = field(p, "CE");
	assert_int_equal(le32_get(p + 4), ROOT + 1);
	assert_int_equal(le32_get(p + 12), 0);
	area = sector(&image, ROOT + 1);
	assert_int_equal(le32_get(p + 20), area[2]);
	assert_memory_equal(area, "ER", 2);
	assert_memory_equal(area + 8, "IEEE_P1282", 10);
	/* The tables have the root alone, whose parent is itself. */
	assert_memory_equal(sector(&image, 19), "\1\0\x15\0\0\0\1\0\0\0", 10);
	assert_memory_equal(sector(&image, 20), "\1\0\0\0\0\x15\0\1\0\0", 10);
}

/* As many as make the directory longer than a sector; no record, and no area, is in two. */
static void test_a_directory_of_many_sectors(ATTR_UNUSED void **state)
{
	enum { N = 300, LONG = 255 };
	CLEANUP(iso_node) struct iso_node *root = iso_node_new_root(&dir_meta);
	CLEANUP(iso_image) struct iso_image image = {0};
	static char names[N][LONG + 1];
	char number[8];
	struct werr *err = NULL;
	const unsigned char *p, *end;
	size_t found = 0;

	for (size_t i = 0; i < N; i++) {
		memset(names[i], 'n', LONG);
		str_format(number, sizeof(number), "%03zu", (i * 7) % N);
		memcpy(names[i], number, 3);
		iso_node_add(root, names[i], &file_meta);
	}
	assert_ok(layout(root, &image, &err), err);
	p = sector(&image, ROOT);
	end = p + le32_get(p + 10);
	assert_true(end - p > 4 * 2048);
	while (p < end) {
		const unsigned char *ce = p[0] ? field(p, "CE") : NULL;

		if (p[0] == 0) {
			p = image.head + ((size_t)(p - image.head) / 2048 + 1) * 2048;
			continue;
		}
		assert_true((size_t)(p - image.head) % 2048 + p[0] <= 2048);
		if (p[32] > 1) {
			const unsigned char *area = sector(&image, le32_get(ce + 4));

			assert_true(le32_get(ce + 12) + le32_get(ce + 20) <= 2048);
			area += le32_get(ce + 12);
			assert_memory_equal(area, "NM\xff\1\1", 5);
			assert_memory_equal(area + 255, "NM\xa\1\0nnnnn", 10);
		}
		p += p[0];
		found++;
	}
	assert_int_equal(found, N + 2);
}

static void test_names_that_would_be_the_same(ATTR_UNUSED void **state)
{
	static const char *const names[] = {"a.b", "A.B", "a.c", ".a", "_a", "a", "A000000.b"};
	static const char *const ids[] = {
		"A.B;1", "A.C;1", "_A.;1", "A.;1", "A000000.B;1", "A000001.B;1", "_A000002.;1"};
	CLEANUP(iso_node) struct iso_node *root = iso_node_new_root(&dir_meta);
	CLEANUP(iso_image) struct iso_image image = {0};
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		iso_node_add(root, names[i], &file_meta);
	/* A directory has no extension. */
	iso_node_add(root, "a.d", &dir_meta);
	assert_ok(layout(root, &image, &err), err);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		assert_non_null(record(&image, ROOT, ids[i]));
	assert_non_null(record(&image, ROOT, "A_D"));
	/* The first one, by its bytes, keeps its name. */
	assert_memory_equal(field(record(&image, ROOT, "A.B;1"), "NM") + 5, "A.B", 3);
}

static void test_directories(ATTR_UNUSED void **state)
{
	CLEANUP(iso_node) struct iso_node *root = iso_node_new_root(&dir_meta);
	CLEANUP(iso_image) struct iso_image image = {0};
	struct iso_node *dir = root;
	struct werr *err = NULL;
	const unsigned char *p;

	for (int i = 0; i < 20; i++)
		dir = iso_node_add(dir, "d", &dir_meta);
	assert_ok(layout(root, &image, &err), err);
	p = record(&image, ROOT, "D");
	assert_int_equal(p[25], 2);
	assert_int_equal(le32_get(field(p, "PX") + 12), 3);
	p = sector(&image, le32_get(p + 2));
	assert_int_equal(le32_get(p + 2), ROOT + 2);
	assert_int_equal(le32_get(p + p[0] + 2), ROOT);
	/* The path table of 21 directories, each in the one before. */
	assert_int_equal(le32_get(image.head + 132), 21 * 10);
	p = sector(&image, 19) + 20 * 10;
	assert_int_equal(le32_get(p + 2), ROOT + 21);
	assert_int_equal(le16_get(p + 6), 20);
}

/* 4 GiB and more are several records of the same name. */
static void test_a_file_of_several_sections(ATTR_UNUSED void **state)
{
	const uint64_t size = (uint64_t)9 << 30, section = 0xfffff800;
	CLEANUP(iso_node) struct iso_node *root = iso_node_new_root(&dir_meta);
	CLEANUP(iso_image) struct iso_image image = {0};
	struct iso_file file = {.data = {.range = {-1, 0, size}, .size = size}};
	struct werr *err = NULL;
	const unsigned char *p;
	uint64_t found = 0;

	iso_node_add(root, "large", &file_meta)->file = &file;
	assert_ok(layout(root, &image, &err), err);
	p = record(&image, ROOT, "LARGE.;1");
	for (; p[0]; p += p[0]) {
		assert_int_equal(le32_get(p + 2), file.sector + found / 2048);
		assert_memory_equal(field(p, "NM") + 5, "large", 5);
		found += le32_get(p + 10);
		assert_int_equal(p[25], found < size ? 0x80 : 0);
		assert_true(found == size || le32_get(p + 10) == section);
	}
	assert_int_equal(found, size);
	assert_int_equal(image.extents.n, 2);
	assert_int_equal(image.extents.items[1].size, size);
}

/* Times that the seven bytes have no room for become the nearest. */
static void test_times(ATTR_UNUSED void **state)
{
	static const struct {
		int64_t time;
		const char *bytes;
	} times[] = {
		{INT64_MIN, "\0\1\1\0\0\0\0"},
		{-1, "\x45\xc\x1f\x17\x3b\x3b\0"},
		{INT64_C(1) << 32, "\xce\2\7\6\x1c\x10\0"},
		{INT64_MAX, "\xff\xc\x1f\x17\x3b\x3b\0"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		const struct iso_meta meta = {.mode = S_IFREG, .links = 1, .time = times[i].time};
		CLEANUP(iso_node) struct iso_node *root = iso_node_new_root(&dir_meta);
		CLEANUP(iso_image) struct iso_image image = {0};
		struct werr *err = NULL;

		iso_node_add(root, "f", &meta);
		assert_ok(layout(root, &image, &err), err);
		assert_memory_equal(record(&image, ROOT, "F.;1") + 18, times[i].bytes, 7);
	}
}

static void test_what_is_refused(ATTR_UNUSED void **state)
{
	const uint64_t size = (uint64_t)8 << 40;
	struct iso_file huge = {.data = {.range = {-1, 0, size}, .size = size}};
	CLEANUP(iso_node) struct iso_node *same = iso_node_new_root(&dir_meta);
	CLEANUP(iso_node) struct iso_node *large = iso_node_new_root(&dir_meta);
	struct iso_image image = {0};
	struct werr *err = NULL;

	iso_node_add(same, "a", &file_meta);
	iso_node_add(same, "a", &file_meta);
	assert_fails(layout(same, &image, &err), err, WERR_EXISTS, "two files of an ISO 9660 are");
	iso_node_add(large, "a", &file_meta)->file = &huge;
	assert_fails(layout(large, &image, &err), err, WERR_LIMIT, "more than 8 TiB");
	for (size_t i = 0; i < 3; i++) {
		static const char *const volumes[] = {
			"", "a b", "a23456789012345678901234567890123"};
		const struct iso_options o = {.volume = volumes[i]};

		assert_fails(iso_layout(large, &o, &image, &err), err, WERR_INVALID, "be called");
	}
	assert_null(image.head);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file),
		cmocka_unit_test(test_the_root),
		cmocka_unit_test(test_a_directory_of_many_sectors),
		cmocka_unit_test(test_names_that_would_be_the_same),
		cmocka_unit_test(test_directories),
		cmocka_unit_test(test_a_file_of_several_sections),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
