/* SPDX-License-Identifier: Apache-2.0 */
/* Tars of disks: those that are read, and those that are refused. */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "buf-writer.h"
#include "tar/tar-sparse.h"
#include "vm/unpack.h"

enum { OUT_MAX = 1 << 20 };

static void add_header(struct buf *tar, char type, const char *name, uint64_t size)
{
	struct ustar h;

	ustar_init(&h, type, name);
	ustar_put_octal(h.size, sizeof(h.size), size);
	ustar_seal(&h);
	buf_add(tar, &h, sizeof(h));
}

static void add_bytes(struct buf *tar, const char *bytes, size_t size)
{
	buf_add(tar, bytes, size);
	buf_fill(tar, 0, tar_padding(size));
}

/* Runs of (at, size), at most four; `whole` bytes are announced. */
static void add_sparse(
	struct buf *tar, const uint64_t (*runs)[2], size_t n, uint64_t size, uint64_t whole)
{
	struct tar_sparse_head head = {0};
	struct ustar h;

	for (size_t i = 0; i < n; i++) {
		ustar_put_octal(head.runs[i].at, 12, runs[i][0]);
		ustar_put_octal(head.runs[i].size, 12, runs[i][1]);
	}
	ustar_put_octal(head.size, 12, whole);
	ustar_init(&h, TAR_SPARSE_TYPE, "disk.raw");
	ustar_put_octal(h.size, sizeof(h.size), size);
	memcpy((char *)&h + offsetof(struct ustar, magic), TAR_SPARSE_MAGIC,
		sizeof(TAR_SPARSE_MAGIC));
	memcpy((char *)&h + offsetof(struct ustar, prefix), &head, sizeof(head));
	ustar_set_checksum(&h);
	buf_add(tar, &h, sizeof(h));
}

static int unpack(const struct buf *tar, struct buf *ret, struct werr **err)
{
	CLEANUP(reader) struct reader *from = mem_reader_new(tar->data, tar->len);
	struct buf_writer to = BUF_WRITER(ret);

	buf_truncate(ret, 0);
	return vm_disk_read(from, tar->len, &to.writer, err);
}

static void test_plain_disks(ATTR_UNUSED void **state)
{
	static const char *const names[] = {"disk.raw", "./disk.raw"};
	CLEANUP(buf) struct buf out = BUF_INIT(OUT_MAX);
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(buf) struct buf tar = BUF_INIT(OUT_MAX);

		add_header(&tar, 'x', "records", 18);
		add_bytes(&tar, "18 mtime=12345678\n", 18);
		add_header(&tar, '0', names[i], 600);
		buf_fill(&tar, 'd', 600);
		assert_ok(unpack(&tar, &out, &err), err);
		assert_int_equal(out.len, 600);
		assert_int_equal(out.data[599], 'd');
		/* The end is missing. */
		buf_truncate(&tar, tar.len - 1);
		assert_fails(unpack(&tar, &out, &err), err, WERR_CORRUPT, "");
	}
}

static void test_holes(ATTR_UNUSED void **state)
{
	static const uint64_t runs[][2] = {{3, 2}, {10, 1}, {20, 0}};
	CLEANUP(buf) struct buf tar = BUF_INIT(OUT_MAX), out = BUF_INIT(OUT_MAX);
	struct werr *err = NULL;

	add_sparse(&tar, runs, 3, 3, 20);
	add_bytes(&tar, "abc", 3);
	assert_ok(unpack(&tar, &out, &err), err);
	assert_int_equal(out.len, 20);
	assert_memory_equal(out.data, "\0\0\0ab\0\0\0\0\0c\0\0\0\0\0\0\0\0\0", 20);
}

static void test_maps_that_cannot_be(ATTR_UNUSED void **state)
{
	static const struct {
		uint64_t runs[2][2], size, whole;
	} rows[] = {
		{{{3, 2}, {4, 1}}, 3, 20},            /* into each other */
		{{{10, 1}, {3, 1}}, 2, 20},           /* backwards */
		{{{0, 1}, {20, 1}}, 2, 20},           /* beyond the end */
		{{{0, 1}, {21, 0}}, 1, 20},           /* the same without bytes */
		{{{0, 2}, {077777777777, 1}}, 3, 20}, /* far beyond it */
		{{{0, 1}, {5, 1}}, 3, 20},            /* another size than all have */
	};
	CLEANUP(buf) struct buf out = BUF_INIT(OUT_MAX);
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(buf) struct buf tar = BUF_INIT(OUT_MAX);

		add_sparse(&tar, rows[i].runs, 2, rows[i].size, rows[i].whole);
		add_bytes(&tar, "abcdef", 6);
		assert_fails(unpack(&tar, &out, &err), err, WERR_CORRUPT, "the tar is broken");
		assert_int_equal(out.len, 0);
	}
}

static void test_other_tars(ATTR_UNUSED void **state)
{
	static const struct {
		char type;
		const char *name;
	} rows[] = {{'0', "disk.img"}, {'0', "a/disk.raw"}, {'2', "disk.raw"}, {'5', "disk.raw"},
		{'0', "disk.raw2"}};
	CLEANUP(buf) struct buf out = BUF_INIT(OUT_MAX), records = BUF_INIT(OUT_MAX);
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(buf) struct buf tar = BUF_INIT(OUT_MAX);

		add_header(&tar, rows[i].type, rows[i].name, 1);
		add_bytes(&tar, "a", 1);
		assert_fails(unpack(&tar, &out, &err), err, WERR_UNSUPPORTED, "no disk.raw");
		tar.data[0] ^= 1;
		assert_fails(unpack(&tar, &out, &err), err, WERR_UNSUPPORTED, "no disk.raw");
	}
	/* A size in a record, and records without end. */
	add_header(&records, 'x', "records", 10);
	add_bytes(&records, "10 size=5\n", 10);
	assert_fails(unpack(&records, &out, &err), err, WERR_UNSUPPORTED, "no disk.raw");
	buf_truncate(&records, 0);
	for (size_t i = 0; i < 100; i++)
		add_header(&records, 'g', "records", 0);
	assert_fails(unpack(&records, &out, &err), err, WERR_UNSUPPORTED, "no disk.raw");
	buf_truncate(&records, 0);
	add_header(&records, 'x', "records", 1 << 20);
	assert_fails(unpack(&records, &out, &err), err, WERR_LIMIT, "header");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_disks),
		cmocka_unit_test(test_holes),
		cmocka_unit_test(test_maps_that_cannot_be),
		cmocka_unit_test(test_other_tars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
