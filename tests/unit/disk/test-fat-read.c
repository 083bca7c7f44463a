/* SPDX-License-Identifier: Apache-2.0 */
/* What fat.c writes is read again; other programs' are read by cli-inside and the fuzz target. */
#include "check.h"

#include <string.h>

#include "base/buf.h"
#include "base/endian.h"
#include "base/mem.h"
#include "disk/fat-format.h"
#include "disk/fat-read.h"
#include "disk/fat.h"

enum { BIG = 100000 };

struct found {
	struct bytes *volume;
	struct buf text;
};

static int visit(const struct fat_found *f, void *ctx, struct werr **err)
{
	struct found *found = ctx;
	CLEANUP(bytes) struct bytes *b = bytes_of_runs(found->volume, f->runs, f->n);
	char first[4] = "";

	if (f->size)
		assert_ok(bytes_read(b, 0, first, 3, err), *err);
	buf_printf(&found->text, "%s%s %llu %s\n", f->path, f->is_directory ? "/" : "",
		(unsigned long long)f->size, first);
	return 0;
}

/* A FAT with three files; its bytes are owned by the caller. */
static char *make(const char *big, size_t *ret_size)
{
	CLEANUP(extents) struct extents image = {0};
	struct fat_file files[3] = {{.path = "EFI/BOOT/BOOTX64.EFI"}, {.path = "a longer name.cfg"},
		{.path = "\xc3\xbc\xf0\x9f\x98\x80"}};
	struct fat f = {.files = files, .n = 3, .label = "TEST", .time = 1492533001};
	struct werr *err = NULL;
	char *bytes;

	files[0].content.size = BIG;
	assert_ok(extents_add_bytes(&files[0].content, 0, big, BIG, &err), err);
	files[1].content.size = 3;
	assert_ok(extents_add_bytes(&files[1].content, 0, "cfg", 3, &err), err);
	assert_ok(fat_place(&f, &err), err);
	assert_ok(fat_put(&f, &image, &err), err);
	bytes = mem_alloc((size_t)image.size);
	assert_ok(extents_read(&image, 0, bytes, (size_t)image.size, &err), err);
	*ret_size = (size_t)image.size;
	for (size_t i = 0; i < 3; i++)
		extents_cleanup(&files[i].content);
	return bytes;
}

static void test_what_was_written(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *big = mem_alloc(BIG);
	CLEANUP(free) char *image = NULL;
	CLEANUP(bytes) struct bytes *b = NULL;
	struct found found = {.text = BUF_INIT(4096)};
	struct werr *err = NULL;
	size_t size;

	memset(big, 'b', BIG);
	image = make(big, &size);
	b = found.volume = bytes_of_memory(image, size);
	assert_true(fat_is(b));
	assert_ok(fat_read(b, visit, &found, &err), err);
	assert_string_equal(buf_str(&found.text),
		"EFI/ 0 \nEFI/BOOT/ 0 \nEFI/BOOT/BOOTX64.EFI 100000 bbb\n"
		"a longer name.cfg 3 cfg\n\xc3\xbc\xf0\x9f\x98\x80 0 \n");
	buf_clear(&found.text);
}

/* A chain that leads to itself or nowhere, directories in themselves: errors, after bounded work.
 */
static void test_loops(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *big = mem_alloc(BIG);
	CLEANUP(free) char *image = NULL;
	CLEANUP(bytes) struct bytes *b = NULL;
	struct found found = {.text = BUF_INIT(64 << 20)};
	struct werr *err = NULL;
	size_t size, table;

	image = make(big, &size);
	b = found.volume = bytes_of_memory(image, size);
	table = le16_get(image + FAT_RESERVED_AT) * (size_t)512;
	/* Each cluster is followed by the first one. */
	for (size_t i = 2; i < 100; i++)
		le16_put(image + table + 2 * i, 2);
	assert_fails(fat_read(b, visit, &found, &err), err, WERR_LIMIT, "too");
	for (size_t i = 2; i < 100; i++)
		le16_put(image + table + 2 * i, 0xff00);
	assert_fails(fat_read(b, visit, &found, &err), err, WERR_CORRUPT, "leads nowhere");
	buf_clear(&found.text);
	memset(image + FAT_SECTOR_AT, 0, 2);
	assert_false(fat_is(b));
	assert_fails(fat_read(b, visit, &found, &err), err, WERR_INVALID, "no FAT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_written), cmocka_unit_test(test_loops)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
