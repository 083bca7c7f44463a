/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "tools/diskformat.h"
#include "tools/wholedisk.h"

enum { MIB = 1 << 20, DISK = 8 * MIB };

/* ---- the command line ---- */

static int parse(const char *line, struct strv *argv, struct strv *words, struct diskformat *ret,
	struct werr **err)
{
	strv_split(argv, line, ' ');
	return diskformat_parse((int)argv->n, argv->items, words, ret, err);
}

static void test_the_arguments_of_linuxkit(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv argv = {0}, words = {0};
	struct diskformat f = {0};
	struct werr *err = NULL;

	assert_ok(parse("format -force -type xfs -label DATA -verbose /dev/vda", &argv, &words, &f,
			  &err),
		err);
	assert_string_equal(f.type->name, "xfs");
	assert_string_equal(f.label, "DATA");
	assert_true(f.force && f.verbose);
	assert_int_equal(words.n, 1);
	assert_string_equal(words.items[0], "/dev/vda");
}

static void test_what_it_does_without_arguments(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv argv = {0}, words = {0};
	struct diskformat f = {0};
	struct werr *err = NULL;

	assert_ok(parse("format", &argv, &words, &f, &err), err);
	assert_string_equal(f.type->name, "ext4");
	assert_null(f.label);
	assert_false(f.force);
	assert_int_equal(words.n, 0);
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line, *message;
	} cases[] = {
		{"format -type ext3", "'ext3' is not a file system"},
		{"format -label seventeen-letters", "-label is longer than 16 bytes"},
		{"format -type xfs -label thirteen-long", "-label is longer than 12 bytes"},
		{"format vda", "'vda' is not a device"},
		{"format -f /dev/vda", "unknown option -f"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strv) struct strv argv = {0}, words = {0};
		struct diskformat f = {0};
		struct werr *err = NULL;

		assert_fails(parse(cases[i].line, &argv, &words, &f, &err), err, WERR_USAGE,
			cases[i].message);
	}
}

/* ---- which disk ---- */

static void test_which_disk_is_chosen(ATTR_UNUSED void **state)
{
	/* A letter for each disk: foreign, done, empty, begun. */
	static const char letters[] = "fdeb";
	static const struct {
		const char *disks;
		int plain, labelled;
	} cases[] = {
		{"fee", 1, 1},
		{"efb", 2, 2},
		{"fde", -1, 2},
		{"bdf", -1, 0},
		{"fdf", -1, -2},
		{"fff", -2, -2},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		enum diskstate states[3];

		for (size_t k = 0; k < ARRAY_SIZE(states); k++)
			states[k] = (enum diskstate)(strchr(letters, cases[i].disks[k]) - letters);
		assert_int_equal(diskformat_choose(states, 3, false), cases[i].plain);
		assert_int_equal(diskformat_choose(states, 3, true), cases[i].labelled);
	}
	assert_int_equal(diskformat_choose(NULL, 0, false), -2);
}

static void put_file(const char *sys, const char *disk, const char *name, const char *text)
{
	CLEANUP(free) char *dir = path_join(sys, disk), *path = path_join(dir, name);
	FILE *f;

	assert_int_equal(file_make_dirs(dir, 0755, NULL), 0);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void test_real_disks_are_found_in_order(ATTR_UNUSED void **state)
{
	static const struct {
		const char *name, *size, *ro, *file;
	} devices[] = {
		{"vdb", "2048\n", "0\n", "device"},
		{"vda", "2048\n", "0\n", "device"},
		{"vda1", "1024\n", "0\n", "partition"},
		{"loop0", "2048\n", "0\n", "device"},
		{"ram0", "2048\n", "0\n", "device"},
		{"sr0", "2048\n", "0\n", "device"},
		{"dm-0", "2048\n", "0\n", "dm"},
		{"sda", "0\n", "0\n", "device"},
		{"sdb", "2048\n", "1\n", "device"},
		{"nvme0n1", "2048\n", "0\n", "device"},
	};
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(free) char *sys = NULL, *all = NULL;
	struct werr *err = NULL;

	assert_ok(file_temp_dir("/tmp", "disks", &sys, &err), err);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		put_file(sys, devices[i].name, "size", devices[i].size);
		put_file(sys, devices[i].name, "ro", devices[i].ro);
		put_file(sys, devices[i].name, devices[i].file, "1\n");
	}
	wholedisk_list(sys, &names);
	all = strv_join(&names, " ");
	assert_string_equal(all, "nvme0n1 vda vdb");
	assert_true(wholedisk_is(sys, "loop0"));
	assert_false(wholedisk_is(sys, "vda1"));
	assert_false(wholedisk_is(sys, "vdc"));
	assert_int_equal(file_remove_all(sys, NULL), 0);
}

static void test_names_of_partitions(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *a = wholedisk_partition("/dev/vda", 1);
	CLEANUP(free) char *b = wholedisk_partition("/dev/nvme0n1", 12);

	assert_string_equal(a, "/dev/vda1");
	assert_string_equal(b, "/dev/nvme0n1p12");
}

/* ---- what is on a disk: a file stands in for it ---- */

static enum diskstate look(
	const void *bytes, size_t size, off_t at, char what[static DISKSTATE_WHAT])
{
	enum diskstate ret = DISKSTATE_FOREIGN;
	struct werr *err = NULL;
	struct parttable t;
	int fd = -1;

	assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
	assert_int_equal(ftruncate(fd, DISK), 0);
	assert_int_equal(pwrite(fd, bytes, size, at), size);
	assert_ok(parttable_measure(fd, "it", &t, &err), err);
	assert_int_equal(t.disk, DISK);
	assert_ok(diskstate_look(fd, "it", &t, &ret, what, &err), err);
	close(fd);
	return ret;
}

static void test_a_disk_with_anything_on_it_is_not_empty(ATTR_UNUSED void **state)
{
	static const struct {
		off_t at;
		const char *bytes, *what;
	} cases[] = {
		{0, "x", "something unknown at byte 0"},
		{7777, "x", "something unknown at byte 7777"},
		{MIB - 1, "x", "byte 1048575"},
		{2 * MIB - 1, "x", "byte 2097151"},
		{7 * MIB, "x", "byte 7340032"},
		{DISK - 1, "x", "byte 8388607"},
		{510, "\x55\xaa", "an MBR"},
		{512, "EFI PART", "a GPT"},
		{0, "LUKS\xba\xbe", "LUKS"},
		{512, "LABELONE", "LVM"},
		{4096, "\xfc\x4e\x2b\xa9", "RAID"},
		{4086, "SWAPSPACE2", "swap"},
		{82, "FAT32   ", "a file system (vfat)"},
		{0, "XFSB", "a file system (xfs)"},
		{1080, "\x53\xef", "a file system (ext4)"},
		{MIB + 1080, "\x53\xef", "a file system (ext4)"},
		{MIB + 65600, "_BHRfS_M", "a file system (btrfs)"},
	};
	char what[DISKSTATE_WHAT];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(look(cases[i].bytes, strlen(cases[i].bytes), cases[i].at, what),
			DISKSTATE_FOREIGN);
		assert_non_null(strstr(what, cases[i].what));
	}
	assert_int_equal(look("", 1, 0, what), DISKSTATE_EMPTY);
	/* Only the ends are looked at: the disk may be large. */
	assert_int_equal(look("x", 1, 3 * MIB, what), DISKSTATE_EMPTY);
}

static void test_what_format_itself_leaves(ATTR_UNUSED void **state)
{
	const struct parttable t = {DISK, 512};
	unsigned char sector[PARTTABLE_SIZE];
	char what[DISKSTATE_WHAT];

	diskstate_mark(DISKSTATE_FORMAT, sector);
	assert_int_equal(look(sector, sizeof(sector), 0, what), DISKSTATE_UNFINISHED);
	sector[sizeof(sector) - 1] = 1;
	assert_int_equal(look(sector, sizeof(sector), 0, what), DISKSTATE_FOREIGN);
	parttable_fill(&t, 0x12345678, sector);
	assert_int_equal(look(sector, sizeof(sector), 0, what), DISKSTATE_FORMATTED);
	/* A second partition. */
	sector[446 + 16 + 4] = 0x83;
	assert_int_equal(look(sector, sizeof(sector), 0, what), DISKSTATE_FOREIGN);
}

/* ---- the table ---- */

/* Checked against sfdisk --dump of it: start=2048, size=12288, type=83, label-id: 0x12345678. */
static void test_the_bytes_of_a_table(ATTR_UNUSED void **state)
{
	static const unsigned char entry[] = {
		0, 0xfe, 0xff, 0xff, 0x83, 0xfe, 0xff, 0xff, 0, 8, 0, 0, 0, 0x30, 0, 0};
	const struct parttable t = {DISK + 12345, 512}, large = {DISK, 4096};
	unsigned char sector[PARTTABLE_SIZE];

	parttable_fill(&t, 0x12345678, sector);
	assert_memory_equal(sector + 440, "\x78\x56\x34\x12\0\0", 6);
	assert_memory_equal(sector + 446, entry, sizeof(entry));
	assert_memory_equal(sector + 510, "\x55\xaa", 2);
	parttable_fill(&large, 1, sector);
	assert_memory_equal(sector + 446 + 8, "\0\1\0\0\0\6\0\0", 8);
}

static void test_how_large_a_disk_can_be(ATTR_UNUSED void **state)
{
	const uint64_t limit = ((uint64_t)UINT32_MAX << 9) / MIB * MIB + 2 * (uint64_t)MIB;
	struct parttable t = {limit, 512};
	struct werr *err = NULL;
	uint64_t room;

	assert_ok(parttable_room(&t, "it", &room, &err), err);
	assert_int_equal(room, limit - 2 * MIB);
	assert_false(parttable_needs_gpt(&t));
	t.disk = limit + MIB;
	assert_true(parttable_needs_gpt(&t));
	t.sector = 4096;
	assert_false(parttable_needs_gpt(&t));
	t.disk = 3 * MIB - 1;
	assert_fails(parttable_room(&t, "it", &room, &err), err, WERR_INVALID, "too small");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_arguments_of_linuxkit),
		cmocka_unit_test(test_what_it_does_without_arguments),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_which_disk_is_chosen),
		cmocka_unit_test(test_real_disks_are_found_in_order),
		cmocka_unit_test(test_names_of_partitions),
		cmocka_unit_test(test_a_disk_with_anything_on_it_is_not_empty),
		cmocka_unit_test(test_what_format_itself_leaves),
		cmocka_unit_test(test_the_bytes_of_a_table),
		cmocka_unit_test(test_how_large_a_disk_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
