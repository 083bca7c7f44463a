/* SPDX-License-Identifier: Apache-2.0 */
/* What a disk refuses, and small disks to the byte; test-peers.py asks qemu-img about large ones.
 */
#include "check.h"

#include <string.h>
#include <unistd.h>

#include "base/endian.h"
#include "base/file.h"
#include "base/mem.h"
#include "disk/disk.h"

static void add(struct extents *d, uint64_t at, const char *text)
{
	struct werr *err = NULL;

	assert_ok(extents_add_bytes(d, at, text, strlen(text), &err), err);
}

static void test_overlaps_are_refused(ATTR_UNUSED void **state)
{
	static const struct {
		uint64_t at, size;
		enum werr_kind kind;
		const char *part;
	} bad[] = {
		{100, 10, WERR_EXISTS, "10 bytes at 100 overlap those at 100"},
		{99, 2, WERR_EXISTS, "overlap those at 100"},
		{109, 1, WERR_EXISTS, "overlap those at 100"},
		{0, 1000, WERR_EXISTS, "overlap those at 100"},
		{150, 60, WERR_EXISTS, "overlap those at 200"},
		{990, 11, WERR_LIMIT, "11 bytes at 990 are beyond the end at 1000"},
		{1001, 0, WERR_LIMIT, "beyond the end"},
		{UINT64_MAX, 2, WERR_LIMIT, "beyond the end"},
		{2, UINT64_MAX, WERR_LIMIT, "beyond the end"},
	};
	CLEANUP(extents) struct extents d = {.size = 1000};
	struct werr *err = NULL;

	add(&d, 200, "0123456789");
	add(&d, 100, "0123456789");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_fails(extents_add_range(
				     &d, bad[i].at, &(struct io_range){-1, 0, bad[i].size}, &err),
			err, bad[i].kind, bad[i].part);
	assert_int_equal(d.n, 2);
	/* Beside others, at the end, and nothing anywhere. */
	add(&d, 110, "x");
	add(&d, 99, "x");
	add(&d, 999, "x");
	add(&d, 105, "");
	add(&d, 1000, "");
	assert_int_equal(d.n, 5);
}

/* The file's bytes; owned by the caller. */
static char *file_with(const struct extents *d, const struct disk_format *format,
	enum disk_compression compression, size_t *ret_size)
{
	const struct disk_options o = {.compression = compression};
	CLEANUP(writer) struct writer *to = NULL;
	CLEANUP(reader) struct reader *from = NULL;
	struct werr *err = NULL;
	char *bytes = NULL;
	int fd;

	assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
	to = fd_writer_new(fd, FD_OWNED, "disk");
	assert_ok(format->write(d, &o, to, &err), err);
	from = fd_range_reader_new(fd, "disk", 0, (uint64_t)lseek(fd, 0, SEEK_END));
	assert_ok(reader_read_all(from, 1 << 20, &bytes, ret_size, &err), err);
	return bytes;
}

static char *file_of(const struct extents *d, const struct disk_format *format, size_t *ret_size)
{
	return file_with(d, format, DISK_PLAIN, ret_size);
}

static void test_raw(ATTR_UNUSED void **state)
{
	CLEANUP(extents) struct extents d = {.size = 1000};
	CLEANUP(free) char *bytes = NULL;
	CLEANUP(fd) int fd = -1;
	struct werr *err = NULL;
	char expected[1024] = "ab";
	size_t size;

	assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
	assert_int_equal(fd_write_all(fd, "0123456789", 10), 0);
	add(&d, 998, "yz");
	add(&d, 0, "ab");
	assert_ok(extents_add_range(&d, 500, &(struct io_range){fd, 3, 4}, &err), err);
	memcpy(expected + 500, "3456", 4);
	memcpy(expected + 998, "yz", 2);
	bytes = file_of(&d, &disk_raw, &size);
	assert_int_equal(size, sizeof(expected));
	assert_memory_equal(bytes, expected, size);
}

/* Header, refcount table, refcounts, L1: the least that there can be. */
static void test_empty_qcow2(ATTR_UNUSED void **state)
{
	enum { CLUSTER = 64 << 10 };
	CLEANUP(extents) struct extents d = {.size = 1000};
	CLEANUP(free) char *bytes = NULL;
	static const char begin[] = "QFI\xfb\0\0\0\3";
	static const char refcounts[] = "\0\1\0\1\0\1\0\1\0\0";
	size_t size;

	bytes = file_of(&d, &disk_qcow2, &size);
	assert_int_equal(size, 4 * CLUSTER);
	assert_memory_equal(bytes, begin, sizeof(begin) - 1);
	assert_memory_equal(bytes + 24, "\0\0\0\0\0\0\4\0", 8);
	assert_memory_equal(bytes + CLUSTER, "\0\0\0\0\0\2\0\0", 8);
	assert_memory_equal(bytes + 2 * CLUSTER, refcounts, sizeof(refcounts) - 1);
	assert_memory_equal(bytes + 3 * CLUSTER, "\0\0\0\0\0\0\0\0", 8);
}

static void test_what_can_go_wrong(ATTR_UNUSED void **state)
{
	CLEANUP(writer) struct writer *to = count_writer_new(NULL, NULL);
	CLEANUP(extents) struct extents large = {.size = INT64_MAX};
	CLEANUP(extents) struct extents broken = {.size = 1000};
	const struct disk_options o = {0};
	CLEANUP(fd) int fd = -1;
	struct werr *err = NULL;

	assert_fails(disk_raw.write(&large, &o, to, &err), err, WERR_LIMIT, "can't have");
	large.size = (uint64_t)3 << 60;
	assert_fails(disk_qcow2.write(&large, &o, to, &err), err, WERR_LIMIT,
		"a qcow2 image can't have 3072 PiB: at most 2 PiB");
	assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
	assert_ok(extents_add_range(&broken, 0, &(struct io_range){fd, 0, 10}, &err), err);
	assert_fails(disk_qcow2.write(&broken, &o, to, &err), err, WERR_CORRUPT, "ends too early");
	assert_null(disk_format_find("qed"));
}

/* The last bytes of a fixed VHD: size, geometry, kind. */
static void test_footer_of_a_vhd(ATTR_UNUSED void **state)
{
	static const struct {
		uint64_t mib;
		unsigned cylinders, heads, track;
	} disks[] = {
		{1, 30, 4, 17},
		{200, 825, 16, 31},
		{1024, 2080, 16, 63},
		{30 << 10, 62415, 16, 63},
		{100 << 10, 51400, 16, 255},
		{2040 << 10, 65535, 16, 255},
	};
	const struct disk_options o = {.id = "an identity that is 32 bytes lo"};

	for (size_t i = 0; i < ARRAY_SIZE(disks); i++) {
		CLEANUP(extents) struct extents d = {.size = disks[i].mib << 20};
		CLEANUP(writer) struct writer *to = NULL;
		unsigned char footer[512];
		struct werr *err = NULL;
		uint32_t sum = 0;
		int fd;

		assert_ok(file_open_unnamed("/var/tmp", &fd, &err), err);
		to = fd_writer_new(fd, FD_OWNED, "disk");
		d.size -= 5; /* whole MiB are made of it */
		assert_ok(disk_vhd.write(&d, &o, to, &err), err);
		assert_int_equal(lseek(fd, 0, SEEK_END), (disks[i].mib << 20) + 512);
		assert_ok(fd_read_at(fd, "disk", disks[i].mib << 20, footer, 512, &err), err);
		assert_int_equal(be64_get(footer + 48), disks[i].mib << 20);
		assert_int_equal(be16_get(footer + 56), disks[i].cylinders);
		assert_int_equal(footer[58], disks[i].heads);
		assert_int_equal(footer[59], disks[i].track);
		for (size_t j = 0; j < sizeof(footer); j++)
			sum += j < 64 || j >= 68 ? footer[j] : 0;
		assert_int_equal(be32_get(footer + 64), ~sum);
	}
}

/* What makes a qcow2 compressed, and what it is good for. */
static void test_compressed_qcow2(ATTR_UNUSED void **state)
{
	enum { CLUSTER = 64 << 10, TEXT = 3 * CLUSTER };
	CLEANUP(extents) struct extents d = {.size = 10 * CLUSTER};
	CLEANUP(free) char *zlib = NULL, *zstd = NULL, *zeros = NULL;
	char *text = extents_alloc(&d, TEXT);
	struct werr *err = NULL;
	size_t size;

	zeros = file_with(&d, &disk_qcow2, DISK_ZLIB, &size);
	assert_int_equal(size, 4 * CLUSTER);
	for (size_t i = 0; i < TEXT; i++)
		text[i] = (char)('a' + i % 7);
	assert_ok(extents_add_bytes(&d, CLUSTER, text, TEXT, &err), err);
	/* One L2 table, and all three clusters in one. */
	zlib = file_with(&d, &disk_qcow2, DISK_ZLIB, &size);
	assert_int_equal(size, 6 * CLUSTER);
	assert_int_equal(be64_get(zlib + 72), 0);
	assert_int_equal(be16_get(zlib + 2 * CLUSTER + 2 * 5), 3);
	zstd = file_with(&d, &disk_qcow2, DISK_ZSTD, &size);
	assert_int_equal(be64_get(zstd + 72), 1 << 3);
	assert_int_equal(zstd[104], 1);
}

static void test_extents_are_put_into_one_another(ATTR_UNUSED void **state)
{
	CLEANUP(extents) struct extents disk = {.size = 1000}, file = {.size = 100};
	CLEANUP(extents) struct extents other = {.size = 10}, large = {.size = 901};
	struct werr *err = NULL;
	CLEANUP(free) char *bytes = NULL;
	char *text = extents_alloc(&file, 2);
	size_t size;

	memcpy(text, "ab", 2);
	assert_ok(extents_add_bytes(&file, 3, text, 2, &err), err);
	add(&file, 90, "c");
	add(&other, 0, "x");
	assert_ok(extents_add(&disk, 4, &other, &err), err);
	assert_ok(extents_move(&disk, 10, &file, &err), err);
	assert_int_equal(file.n + file.size + file.n_memory, 0);
	/* What it moved over it is the disk's; what it only refers to is not. */
	assert_int_equal(disk.n_memory, 1);
	bytes = file_of(&disk, &disk_raw, &size);
	assert_int_equal(size, 1024);
	assert_memory_equal(bytes + 13, "ab", 2);
	assert_int_equal(bytes[4], 'x');
	assert_int_equal(bytes[100], 'c');
	assert_fails(extents_move(&disk, 100, &large, &err), err, WERR_LIMIT,
		"901 bytes at 100 are beyond the end at 1000");
	assert_fails(extents_add(&disk, 13, &other, &err), err, WERR_EXISTS, "overlap");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overlaps_are_refused),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_empty_qcow2),
		cmocka_unit_test(test_footer_of_a_vhd),
		cmocka_unit_test(test_compressed_qcow2),
		cmocka_unit_test(test_extents_are_put_into_one_another),
		cmocka_unit_test(test_what_can_go_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
