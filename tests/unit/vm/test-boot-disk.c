/* SPDX-License-Identifier: Apache-2.0 */
/* Disks that we write ourselves, and those that others break. */
#include "check.h"

#include <string.h>
#include <unistd.h>

#include "base/endian.h"
#include "base/file.h"
#include "base/mem.h"
#include "disk/gpt.h"
#include "vm/boot-disk.h"

enum { MIB = 1 << 20 };

/* A disk with so many partitions of Linux, and an ESP behind them. */
static int make_disk(const struct disk_format *format, size_t before, bool esp, bool code)
{
	static const char boot[] = "boot";
	struct gpt_partition p[GPT_PARTITIONS_MAX];
	struct gpt g = {.partitions = p,
		.n = before + esp,
		.boot_code = code ? boot : NULL,
		.boot_code_size = code ? sizeof(boot) : 0};
	CLEANUP(extents) struct extents disk = {0};
	CLEANUP(writer) struct writer *to = NULL;
	struct werr *err = NULL;
	int fd;

	for (size_t i = 0; i < g.n; i++)
		p[i] = (struct gpt_partition){
			.type = i < before ? gpt_type_linux : gpt_type_esp, .size = MIB};
	assert_ok(gpt_place(p, g.n, &disk.size, &err), err);
	assert_ok(gpt_put(&g, &disk, &err), err);
	assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
	to = fd_writer_new(fd, FD_LENT, "disk");
	assert_ok(format->write(&disk, &(struct disk_options){{0}}, to, &err), err);
	return fd;
}

static void test_what_needs_uefi(ATTR_UNUSED void **state)
{
	static const struct {
		size_t before;
		bool esp, code, expected;
	} cases[] = {
		{0, true, false, true},
		{1, true, false, true},
		{127, true, false, true},
		{0, true, true, false},
		{0, false, false, false},
		{3, false, false, false},
	};
	const struct disk_format *const formats[] = {&disk_raw, &disk_qcow2};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t k = 0; k < ARRAY_SIZE(formats); k++) {
			CLEANUP(fd)
			int fd =
				make_disk(formats[k], cases[i].before, cases[i].esp, cases[i].code);

			if (boot_disk_needs_uefi(fd) != cases[i].expected)
				fail_msg("case %zu in %s", i, formats[k]->name);
		}
}

/* A number of `size` bytes is put there; afterwards nothing is said of the disk. */
static void assert_broken(
	const struct disk_format *format, uint64_t at, uint64_t value, size_t size)
{
	CLEANUP(fd) int fd = make_disk(format, 0, true, false);
	unsigned char bytes[8];

	if (format == &disk_raw)
		le64_put(bytes, value);
	else
		be64_put(bytes, value << 8 * (8 - size));
	assert_true(boot_disk_needs_uefi(fd));
	assert_int_equal(pwrite(fd, bytes, size, (off_t)at), (int)size);
	if (boot_disk_needs_uefi(fd))
		fail_msg("%llu at %llu", (unsigned long long)value, (unsigned long long)at);
}

static void test_what_is_broken(ATTR_UNUSED void **state)
{
	const struct disk_format *raw = &disk_raw, *qcow2 = &disk_qcow2;
	CLEANUP(fd) int empty = -1;
	struct werr *err = NULL;

	assert_broken(raw, 512, 0, 8);               /* no signature */
	assert_broken(raw, 512 + 72, UINT64_MAX, 8); /* entries at the end of the world, */
	assert_broken(raw, 512 + 72, 1 << 30, 8);    /* beyond the end, */
	assert_broken(raw, 512 + 80, 0, 4);          /* none of them, */
	assert_broken(raw, 512 + 84, 0, 4);          /* of no size, */
	assert_broken(raw, 512 + 84, 127, 4);        /* and of others that there can't be */
	assert_broken(raw, 512 + 84, 192, 4);
	assert_broken(raw, 512 + 84, 8192, 4);
	assert_broken(qcow2, 4, 4, 4);  /* version */
	assert_broken(qcow2, 20, 8, 4); /* bits of a cluster */
	assert_broken(qcow2, 20, 63, 4);
	assert_broken(qcow2, 36, 0, 4);          /* no L1 */
	assert_broken(qcow2, 40, UINT64_MAX, 8); /* L1 */
	assert_broken(qcow2, 40, (uint64_t)1 << 40, 8);
	assert_broken(qcow2, 3 << 16, 0, 8); /* L2 */
	assert_broken(qcow2, 3 << 16, (uint64_t)3 << 62, 8);
	assert_broken(qcow2, 4 << 16, (uint64_t)1 << 62 | 5 << 16, 8); /* compressed */
	assert_ok(file_open_unnamed("/tmp", &empty, &err), err);
	assert_false(boot_disk_needs_uefi(empty));
	assert_false(boot_disk_needs_uefi(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_needs_uefi),
		cmocka_unit_test(test_what_is_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
