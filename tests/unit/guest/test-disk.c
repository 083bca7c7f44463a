/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "init/disk.h"

static unsigned char head[DISK_HEAD];

static int clear(ATTR_UNUSED void **state)
{
	memset(head, 0, sizeof(head));
	return 0;
}

static void put(size_t at, const void *p, size_t size)
{
	memcpy(head + at, p, size);
}

static void test_ext4_has_a_uuid_and_a_label(ATTR_UNUSED void **state)
{
	struct disk_fs fs;

	put(1024 + 56, "\x53\xef", 2);
	put(1024 + 104, "\x01\x23\x45\x67\x89\xab\xcd\xef\x10\x11\x12\x13\x14\x15\x16\xff", 16);
	put(1024 + 120, "root", 4);
	assert_true(disk_identify(head, sizeof(head), &fs));
	assert_string_equal(fs.type, "ext4");
	assert_string_equal(fs.uuid, "01234567-89ab-cdef-1011-1213141516ff");
	assert_string_equal(fs.label, "root");
}

static void test_a_label_that_fills_its_field(ATTR_UNUSED void **state)
{
	struct disk_fs fs;

	put(1024 + 56, "\x53\xef", 2);
	put(1024 + 120, "sixteen letters!and more", 24);
	assert_true(disk_identify(head, sizeof(head), &fs));
	assert_string_equal(fs.label, "sixteen letters!");
}

static void test_labels_are_safe_to_print(ATTR_UNUSED void **state)
{
	struct disk_fs fs;

	put(0, "XFSB", 4);
	put(108, "a\x1b[2Jb", 6);
	assert_true(disk_identify(head, sizeof(head), &fs));
	assert_string_equal(fs.label, "a?[2Jb");
}

static void test_iso9660_pads_its_label(ATTR_UNUSED void **state)
{
	struct disk_fs fs;

	put(32769, "CD001", 5);
	put(32808, "ISO ROOT                        ", 32);
	assert_true(disk_identify(head, sizeof(head), &fs));
	assert_string_equal(fs.type, "iso9660");
	assert_string_equal(fs.label, "ISO ROOT");
	assert_string_equal(fs.uuid, "");
}

static void test_nothing_is_read_past_the_end(ATTR_UNUSED void **state)
{
	struct disk_fs fs;

	put(1024 + 56, "\x53\xef", 2);
	put(1024 + 120, "root", 4);
	assert_false(disk_identify(head, 0, &fs));
	assert_false(disk_identify(head, 1024 + 57, &fs));
	assert_true(disk_identify(head, 1024 + 58, &fs));
	assert_string_equal(fs.uuid, "");
	assert_string_equal(fs.label, "");
}

static void test_gpt_with_either_size_of_sectors(ATTR_UNUSED void **state)
{
	static const size_t sectors[] = {512, 4096};
	char uuid[DISK_UUID];

	for (size_t i = 0; i < ARRAY_SIZE(sectors); i++) {
		size_t sector = sectors[i];

		clear(NULL);
		put(sector, "EFI PART", 8);
		put(sector + 72, "\x02", 1);
		put(sector + 80, "\x80", 1);
		put(sector + 84, "\x80", 1);
		put(2 * sector + 2 * 128 + 16,
			"\x67\x45\x23\x01\xab\x89\xef\xcd\x10\x11\x12\x13\x14\x15\x16\xff", 16);
		assert_true(disk_partition_uuid(head, sizeof(head), 3, uuid));
		assert_string_equal(uuid, "01234567-89ab-cdef-1011-1213141516ff");
		assert_false(disk_partition_uuid(head, sizeof(head), 0, uuid));
		assert_false(disk_partition_uuid(head, sizeof(head), 129, uuid));
		assert_false(disk_partition_uuid(head, 2 * sector, 3, uuid));
	}
}

static void test_a_gpt_that_lies_about_its_place(ATTR_UNUSED void **state)
{
	char uuid[DISK_UUID];

	put(512, "EFI PART", 8);
	put(512 + 80, "\xff\xff\xff\xff", 4);
	put(512 + 84, "\x80", 1);
	put(512 + 72, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	assert_false(disk_partition_uuid(head, sizeof(head), 1, uuid));
	put(512 + 72, "\x90\0\0\0\0\0\0\0", 8);
	assert_false(disk_partition_uuid(head, sizeof(head), 1, uuid));
	put(512 + 72, "\x02", 1);
	put(512 + 84, "\xff\xff\xff\xff", 4);
	assert_false(disk_partition_uuid(head, sizeof(head), 1, uuid));
}

static void test_mbr_has_a_signature_and_numbers(ATTR_UNUSED void **state)
{
	char uuid[DISK_UUID];

	assert_false(disk_partition_uuid(head, sizeof(head), 1, uuid));
	put(510, "\x55\xaa", 2);
	put(440, "\x78\x56\x34\x12", 4);
	assert_true(disk_partition_uuid(head, sizeof(head), 5, uuid));
	assert_string_equal(uuid, "12345678-05");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_ext4_has_a_uuid_and_a_label, clear),
		cmocka_unit_test_setup(test_a_label_that_fills_its_field, clear),
		cmocka_unit_test_setup(test_labels_are_safe_to_print, clear),
		cmocka_unit_test_setup(test_iso9660_pads_its_label, clear),
		cmocka_unit_test_setup(test_nothing_is_read_past_the_end, clear),
		cmocka_unit_test_setup(test_gpt_with_either_size_of_sectors, clear),
		cmocka_unit_test_setup(test_a_gpt_that_lies_about_its_place, clear),
		cmocka_unit_test_setup(test_mbr_has_a_signature_and_numbers, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
