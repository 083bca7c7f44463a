/* SPDX-License-Identifier: Apache-2.0 */
/* Partitions that grow with their disk; files stand in for disks. */
#include "check.h"

#include <string.h>
#include <unistd.h>

#include "base/endian.h"
#include "base/file.h"
#include "base/mem.h"
#include "power-cut.h"
#include "tools/extend.h"
#include "tools/fsgrow.h"
#include "tools/gptable.h"
#include "tools/lastpart.h"

enum { MIB = 1 << 20, OLD = 8 * MIB, NEW = 16 * MIB };

/* ---- the command line ---- */

static void test_arguments(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line, *type, *message;
	} cases[] = {
		{"extend", NULL, NULL},
		{"extend -type xfs /dev/vda /dev/vdb", "xfs", NULL},
		{"extend -type ext2", NULL, "'ext2' is not a file system"},
		{"extend vda", NULL, "'vda' is not a device"},
		{"extend -label x", NULL, "unknown option -label"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strv) struct strv argv = {0}, words = {0};
		const char *type = NULL;
		struct werr *err = NULL;
		int r;

		strv_split(&argv, cases[i].line, ' ');
		r = extend_parse((int)argv.n, argv.items, &type, &words, &err);
		if (cases[i].message) {
			assert_fails(r, err, WERR_USAGE, cases[i].message);
			continue;
		}
		assert_ok(r, err);
		assert_true(cases[i].type ? str_eq(type, cases[i].type) : !type);
	}
}

/* ---- tables ---- */

static int disk_of(uint64_t size)
{
	struct werr *err = NULL;
	int fd = -1;

	assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static void put_gpt(int fd, const struct parttable *t)
{
	unsigned char first[PARTTABLE_SIZE] = {0};
	struct gptable g = {0};
	struct werr *err = NULL;

	assert_ok(gptable_new(t, &g, &err), err);
	assert_ok(gptable_write_new(fd, "it", t, &g, &err), err);
	gpthead_put_protective(first, t->disk / t->sector);
	assert_ok(parttable_put(fd, "it", 0, first, sizeof(first), &err), err);
	gptable_cleanup(&g);
}

static void put_mbr(int fd, const struct parttable *t)
{
	unsigned char first[PARTTABLE_SIZE];
	struct werr *err = NULL;

	parttable_fill(t, 1, first);
	assert_ok(parttable_put(fd, "it", 0, first, sizeof(first), &err), err);
}

/* The partition's size; it must be there. */
static uint64_t size_of(int fd, const struct parttable *t, struct lastpart *p)
{
	struct werr *err = NULL;

	assert_int_equal(lastpart_find(fd, "it", t, p, &err), 1);
	assert_int_equal(p->at, MIB);
	assert_int_equal(p->number, 1);
	assert_true(p->is_linux);
	return p->size;
}

/* The kernel has no such partition, so that it is an error after all is written. */
static void grow(int fd, const struct parttable *t, const struct lastpart *p)
{
	CLEANUP(werr) struct werr *err = NULL;

	assert_true(lastpart_grow(fd, "it", t, p, &err) < 0);
}

/*
 * A disk of 8 MiB becomes one of 16, and the power is cut in the middle of write n: the table is
 * the old one or the new one, and can be changed again. False: there were no more writes.
 */
static bool cut_in(
	int n, uint64_t kept, void (*put)(int fd, const struct parttable *t), uint32_t sector)
{
	const struct parttable before = {OLD, sector}, after = {NEW, sector};
	const struct parttable more = {NEW + 4 * MIB, sector};
	struct lastpart p;
	uint64_t size;
	bool was_cut;
	int fd = disk_of(OLD);

	put(fd, &before);
	assert_int_equal(size_of(fd, &before, &p), OLD - 2 * MIB);
	assert_int_equal(ftruncate(fd, NEW), 0);
	assert_int_equal(size_of(fd, &after, &p), OLD - 2 * MIB);
	assert_int_equal(p.end_max, NEW - MIB);
	power_cut_after(n, kept);
	grow(fd, &after, &p);
	was_cut = power_cut_end();
	size = size_of(fd, &after, &p);
	assert_true(size == NEW - 2 * MIB || (was_cut && size == OLD - 2 * MIB));
	assert_int_equal(ftruncate(fd, NEW + 4 * MIB), 0);
	size_of(fd, &more, &p);
	grow(fd, &more, &p);
	assert_int_equal(size_of(fd, &more, &p), NEW + 2 * MIB);
	close(fd);
	return was_cut;
}

/* Returns how many writes it takes. */
static int cut_everywhere(void (*put)(int fd, const struct parttable *t), uint32_t sector)
{
	/* Of the write nothing, its beginning, its end, a part of both, all but that it is done. */
	static const uint64_t kept[] = {0, 1, UINT64_MAX << 1, 0x0f0f0f0f, UINT64_MAX};
	int n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		for (n = 0; cut_in(n, sector == POWER_CUT_SECTOR ? kept[i] : 0, put, sector);)
			n++;
	return n;
}

static void test_a_cut_leaves_the_old_or_the_new_table(ATTR_UNUSED void **state)
{
	assert_int_equal(cut_everywhere(put_mbr, 512), 1);
	/* Lists and headers: the copy, and twice the one that counts; the first sector. */
	assert_int_equal(cut_everywhere(put_gpt, 512), 7);
	assert_int_equal(cut_everywhere(put_gpt, 4096), 7);
}

/* The places of the list are those of everybody in the end, as is the range for partitions. */
static void test_a_table_after_it_has_grown(ATTR_UNUSED void **state)
{
	const struct parttable before = {OLD, 512}, after = {NEW, 512};
	struct gptable g = {0};
	unsigned char copy[GPTHEAD_SIZE];
	struct gpthead other;
	struct lastpart p;
	struct werr *err = NULL;
	int fd = disk_of(OLD);

	put_gpt(fd, &before);
	assert_int_equal(ftruncate(fd, NEW), 0);
	size_of(fd, &after, &p);
	grow(fd, &after, &p);
	assert_ok(gptable_read(fd, "it", &after, &g, &err), err);
	assert_int_equal(g.head.entries_at, 2);
	assert_int_equal(g.head.first, 34);
	assert_int_equal(g.head.last, NEW / 512 - 34);
	assert_int_equal(g.head.other, NEW / 512 - 1);
	assert_int_equal(pread(fd, copy, sizeof(copy), NEW - 512), sizeof(copy));
	assert_true(gpthead_get(copy, &other));
	assert_int_equal(other.entries_at, NEW / 512 - 33);
	assert_int_equal(other.entries_crc, g.head.entries_crc);
	gptable_cleanup(&g);
	close(fd);
}

/* An entry of an MBR in short; sectors. */
struct entry {
	unsigned char type;
	uint32_t first, count;
};

static void test_tables_of_others(ATTR_UNUSED void **state)
{
	static const struct {
		struct entry entries[3];
		unsigned number;     /* of the last one; 0: none */
		enum werr_kind kind; /* when it is refused */
	} cases[] = {
		{{{0}}, 0, 0},
		{{{0x83, 2048, 2048}}, 1, 0},
		{{{0x83, 6144, 2048}, {0x0c, 2048, 4096}}, 1, 0},
		{{{0x0c, 2048, 2048}, {0x83, 4096, 2048}}, 2, 0},
		{{{0x83, 2048, 4096}, {0x83, 4096, 2048}}, 0, WERR_CORRUPT},
		{{{0x83, 4096, 2048}, {0x83, 2048, 2049}}, 0, WERR_CORRUPT},
		{{{0x83, 2048, 1 << 20}}, 0, WERR_CORRUPT},
		{{{0x83, 0, 2048}}, 0, WERR_CORRUPT},
		{{{0x83, 2048, 2048}, {0x05, 4096, 4096}}, 0, WERR_UNSUPPORTED},
	};
	const struct parttable t = {OLD, 512};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char first[PARTTABLE_SIZE] = {0};
		struct lastpart p = {0};
		struct werr *err = NULL;
		int fd = disk_of(OLD), r;

		for (size_t k = 0; k < ARRAY_SIZE(cases[i].entries); k++) {
			first[446 + 16 * k + 4] = cases[i].entries[k].type;
			le32_put(first + 446 + 16 * k + 8, cases[i].entries[k].first);
			le32_put(first + 446 + 16 * k + 12, cases[i].entries[k].count);
		}
		memcpy(first + 510, "\x55\xaa", 2);
		assert_int_equal(pwrite(fd, first, sizeof(first), 0), sizeof(first));
		r = lastpart_find(fd, "it", &t, &p, &err);
		if (cases[i].kind)
			assert_fails(r, err, cases[i].kind, "it has");
		else
			assert_int_equal(r, cases[i].number != 0);
		assert_int_equal(p.number, cases[i].number);
		close(fd);
	}
}

static void test_a_damaged_gpt_is_refused(ATTR_UNUSED void **state)
{
	/* A byte of the header, of the list, and of the entries' place. */
	static const off_t places[] = {512 + 57, 1024 + 41, 512 + 72};
	const struct parttable t = {OLD, 512};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct lastpart p;
		struct werr *err = NULL;
		int fd = disk_of(OLD);

		put_gpt(fd, &t);
		assert_int_equal(pwrite(fd, "\xff", 1, places[i]), 1);
		assert_fails(lastpart_find(fd, "it", &t, &p, &err), err, WERR_CORRUPT, "not valid");
		close(fd);
	}
}

/* ---- file systems ---- */

static void test_sizes_of_file_systems(ATTR_UNUSED void **state)
{
	CLEANUP(free) unsigned char *p = mem_alloc(72 << 10);
	uint64_t size = 0;

	le32_put(p + 1024 + 4, 12345);
	le32_put(p + 1024 + 24, 2);
	assert_true(fsgrow_size("ext4", p, 72 << 10, &size));
	assert_int_equal(size, 12345 * 4096);
	le32_put(p + 1024 + 96, 0x80);
	le32_put(p + 1024 + 0x150, 1);
	assert_true(fsgrow_size("ext4", p, 72 << 10, &size));
	assert_int_equal(size, (((uint64_t)1 << 32) + 12345) * 4096);
	le32_put(p + 1024 + 24, 99);
	assert_false(fsgrow_size("ext4", p, 72 << 10, &size));
	be32_put(p + 4, 4096);
	be64_put(p + 8, 77);
	assert_true(fsgrow_size("xfs", p, 72 << 10, &size));
	assert_int_equal(size, 77 * 4096);
	be64_put(p + 8, UINT64_MAX);
	assert_false(fsgrow_size("xfs", p, 72 << 10, &size));
	le64_put(p + (64 << 10) + 0xd1, 5555);
	assert_true(fsgrow_size("btrfs", p, 72 << 10, &size));
	assert_int_equal(size, 5555);
	assert_false(fsgrow_size("btrfs", p, 64 << 10, &size));
	assert_false(fsgrow_size("erofs", p, 72 << 10, &size));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_a_cut_leaves_the_old_or_the_new_table),
		cmocka_unit_test(test_a_table_after_it_has_grown),
		cmocka_unit_test(test_tables_of_others),
		cmocka_unit_test(test_a_damaged_gpt_is_refused),
		cmocka_unit_test(test_sizes_of_file_systems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
