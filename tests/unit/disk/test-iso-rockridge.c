/* SPDX-License-Identifier: Apache-2.0 */
/* Rock Ridge's fields of symlinks, devices and files with several names. */
#include "check.h"

#include "base/mem.h"
#include "base/str.h"
#include "disk/iso-look.h"

static void assert_target(const char *target, const char *expected, size_t size)
{
	const struct iso_meta meta = {.mode = S_IFLNK | 0777, .links = 1};
	CLEANUP(iso_node) struct iso_node *root = iso_node_new_root(&dir_meta);
	CLEANUP(iso_image) struct iso_image image = {0};
	struct werr *err = NULL;
	const unsigned char *p;

	iso_node_add(root, "l", &meta)->target = target;
	assert_ok(layout(root, &image, &err), err);
	p = field(record(&image, ROOT, "L.;1"), "SL");
	assert_int_equal(p[2], 5 + size);
	assert_int_equal(p[4], 0);
	assert_memory_equal(p + 5, expected, size);
}

static void test_symlinks(ATTR_UNUSED void **state)
{
	assert_target("/", "\10\0", 2);
	assert_target("a", "\0\1a", 3);
	assert_target("/usr/bin", "\10\0\0\3usr\0\3bin", 12);
	assert_target("../a/./b", "\4\0\0\1a\2\0\0\1b", 10);
	assert_target("a//b/", "\0\1a\0\0\0\1b\0\0", 10);
	assert_target("//...", "\10\0\0\0\0\3...", 9);
}

/* Its fields are in several areas, and a component in several fields. */
static void test_a_long_symlink(ATTR_UNUSED void **state)
{
	enum { LONG = 4095 };
	const struct iso_meta meta = {.mode = S_IFLNK | 0777, .links = 1};
	CLEANUP(iso_node) struct iso_node *root = iso_node_new_root(&dir_meta);
	CLEANUP(iso_image) struct iso_image image = {0};
	char target[LONG + 1] = {0}, found[LONG + 1] = {0};
	size_t used = 0, size = 0, areas = 0;
	struct werr *err = NULL;
	const unsigned char *p;

	memset(target, 't', LONG);
	iso_node_add(root, "l", &meta)->target = target;
	assert_ok(layout(root, &image, &err), err);
	p = field(record(&image, ROOT, "L.;1"), "CE");
	while (memcmp(p, "CE", 2) == 0) {
		const unsigned char *area = sector(&image, le32_get(p + 4)) + le32_get(p + 12);

		size = le32_get(p + 20);
		assert_true(le32_get(p + 12) + size <= 2048);
		for (p = area; p < area + size && memcmp(p, "SL", 2) == 0; p += p[2]) {
			assert_int_equal(p[2], 7 + p[6]);
			memcpy(found + used, p + 7, p[6]);
			used += p[6];
			assert_int_equal(p[4], used < LONG);
			assert_int_equal(p[5], used < LONG);
		}
		areas++;
		if (p == area + size)
			break;
	}
	assert_string_equal(found, target);
	assert_int_equal(areas, 3);
}

static void test_devices(ATTR_UNUSED void **state)
{
	CLEANUP(iso_node) struct iso_node *root = iso_node_new_root(&dir_meta);
	CLEANUP(iso_image) struct iso_image image = {0};
	struct werr *err = NULL;
	const unsigned char *p;

	iso_node_add(root, "a",
		&(struct iso_meta){.mode = S_IFCHR | 0600, .links = 1, .major = 1, .minor = 3});
	iso_node_add(root, "b",
		&(struct iso_meta){
			.mode = S_IFBLK | 0600, .links = 1, .major = 259, .minor = 70000});
	assert_ok(layout(root, &image, &err), err);
	p = field(record(&image, ROOT, "A.;1"), "PN");
	assert_int_equal(le32_get(p + 4), 0);
	assert_int_equal(le32_get(p + 12), 0x103);
	p = field(record(&image, ROOT, "B.;1"), "PN");
	assert_int_equal(le32_get(p + 4), 259);
	assert_int_equal(le32_get(p + 12), 70000);
}

/* Names of one file have its bytes once, and one number. */
static void test_hard_links(ATTR_UNUSED void **state)
{
	const struct iso_meta meta = {.mode = S_IFREG | 0644, .links = 2};
	CLEANUP(iso_node) struct iso_node *root = iso_node_new_root(&dir_meta);
	CLEANUP(iso_image) struct iso_image image = {0};
	struct iso_file file = {.data = {.bytes = "hello", .size = 5}};
	struct werr *err = NULL;
	const unsigned char *a, *b;

	iso_node_add(root, "a", &meta)->file = &file;
	iso_node_add(iso_node_add(root, "d", &dir_meta), "b", &meta)->file = &file;
	assert_ok(layout(root, &image, &err), err);
	a = record(&image, ROOT, "A.;1");
	b = record(&image, ROOT + 2, "B.;1");
	assert_int_equal(image.extents.n, 2);
	assert_int_equal(le32_get(a + 2), le32_get(b + 2));
	assert_int_equal(le32_get(field(a, "PX") + 12), 2);
	assert_int_equal(le32_get(field(a, "PX") + 36), le32_get(field(b, "PX") + 36));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symlinks),
		cmocka_unit_test(test_a_long_symlink),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_hard_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
