/* SPDX-License-Identifier: Apache-2.0 */
/* Which disks of VMware's and Microsoft's formats are booted as what they are. */
#include "check.h"

#include <string.h>
#include <unistd.h>

#include "base/endian.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/disk.h"
#include "vm/foreign-disk.h"

/* A disk of one of our formats in an unnamed file. */
static int make(const char *format, uint64_t size)
{
	CLEANUP(extents) struct extents d = {.size = size};
	CLEANUP(writer) struct writer *to = NULL;
	struct werr *err = NULL;
	int fd;

	assert_ok(extents_add_bytes(&d, 0, "hello", 5, &err), err);
	assert_ok(file_open_unnamed("/var/tmp", &fd, &err), err);
	to = fd_writer_new(fd, FD_LENT, "disk");
	assert_ok(disk_format_find(format)->write(&d, &(struct disk_options){0}, to, &err), err);
	return fd;
}

static bool look(int fd, const char *name, struct qemu_disk *d)
{
	return foreign_disk_look(fd, (uint64_t)lseek(fd, 0, SEEK_END), name, d);
}

static void test_our_own(ATTR_UNUSED void **state)
{
	static const struct {
		const char *format, *name, *qemu;
		bool is_kept;
	} disks[] = {
		{"vmdk", "a.vmdk", "vmdk", false},
		{"stream-vmdk", "a.vmdk", "vmdk", true},
		{"vhd", "a.vhd", "vpc", false},
		{"dynamic-vhd", "a.vhd", "vpc", false},
		{"vhdx", "a.vhdx", "vhdx", false},
		{"vmdk", "a.img", NULL, false},
		{"vhdx", "a.vmdk", NULL, false},
		{"raw", "a.vhd", NULL, false},
		{"raw", "a.ova", NULL, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(disks); i++) {
		CLEANUP(qemu_disk) struct qemu_disk d = {0};
		CLEANUP(fd) int fd = make(disks[i].format, 1 << 20);

		assert_int_equal(look(fd, disks[i].name, &d), disks[i].qemu != NULL);
		if (!disks[i].qemu)
			continue;
		assert_string_equal(d.format, disks[i].qemu);
		assert_int_equal(d.is_kept, disks[i].is_kept);
		assert_int_equal(d.length, 0);
	}
}

/* A vmdk that names another file: as what it is based on, or for all that it has. */
static void test_other_files_are_not_read(ATTR_UNUSED void **state)
{
	static const struct {
		off_t at;
		const char *bytes;
		size_t size;
	} changes[] = {
		{512, "ParentCID=12345678\nx", 20},
		{512, "parentCID=ffffffff\nparentFileNameHint=\"/etc/passwd\"\n", 52},
		{12, "\0\0\0\0\0\0\0\0", 8},
		{28, "\377\377\377\377\377\377\377\377", 8},
		{36, "\0\0\0\0\0\0\0\0", 8},
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		CLEANUP(qemu_disk) struct qemu_disk d = {0};
		CLEANUP(fd) int fd = make("vmdk", 1 << 20);
		char text[600];

		assert_true(pread(fd, text, sizeof(text), 512) == sizeof(text));
		/* What is changed replaces the beginning, so the real line has to go, too. */
		if (i == 0) {
			char *line = memmem(text, sizeof(text), "parentCID=ffffffff", 18);

			assert_non_null(line);
			line[10] = '0';
			assert_true(pwrite(fd, text, sizeof(text), 512) == sizeof(text));
		}
		assert_true(pwrite(fd, changes[i].bytes, changes[i].size, changes[i].at) > 0);
		assert_false(look(fd, "a.vmdk", &d));
	}
}

static void write_at(int fd, const void *p, size_t size, off_t at)
{
	assert_true(pwrite(fd, p, size, at) == (ssize_t)size);
}

/* QEMU reads 20 sectors behind the header, whatever that says. */
static void test_a_descriptor_that_only_others_read(ATTR_UNUSED void **state)
{
	static const char parent[] = "\nparentFileNameHint=\"/etc/passwd\"\n";
	CLEANUP(fd) int fd = make("vmdk", 1 << 20);
	off_t end = lseek(fd, 0, SEEK_END);
	CLEANUP(qemu_disk) struct qemu_disk d = {0};
	unsigned char header[512], number[8];
	char text[20 * 512];

	assert_true(pread(fd, header, sizeof(header), 0) == sizeof(header));
	assert_true(pread(fd, text, sizeof(text), 512) == sizeof(text));
	/* An innocent one elsewhere. */
	assert_true(look(fd, "a.vmdk", &d));
	write_at(fd, text, sizeof(text), end);
	le64_put(number, (uint64_t)end / 512);
	write_at(fd, number, 8, 28);
	assert_false(look(fd, "a.vmdk", &d));
	/* One that goes on behind its end. */
	le64_put(number, 1);
	write_at(fd, number, 8, 28);
	write_at(fd, number, 8, 36);
	assert_true(look(fd, "a.vmdk", &d));
	memset(text + strlen(text), '#', 512 - strlen(text));
	memcpy(text + 512, parent, sizeof(parent));
	write_at(fd, text, sizeof(text), 512);
	assert_false(look(fd, "a.vmdk", &d));
}

static void test_differences_are_not_whole(ATTR_UNUSED void **state)
{
	CLEANUP(qemu_disk) struct qemu_disk d = {0};
	CLEANUP(fd) int fd = make("dynamic-vhd", 1 << 20);
	off_t end = lseek(fd, 0, SEEK_END);

	assert_true(pwrite(fd, "\0\0\0\4", 4, end - 512 + 60) == 4);
	assert_false(look(fd, "a.vhd", &d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_our_own),
		cmocka_unit_test(test_other_files_are_not_read),
		cmocka_unit_test(test_a_descriptor_that_only_others_read),
		cmocka_unit_test(test_differences_are_not_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
