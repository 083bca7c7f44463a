/* SPDX-License-Identifier: Apache-2.0 */
/* /boot and its catalogue, to the byte; tests/cli/test_iso.py asks other programs. */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "disk/iso-boot.h"
#include "disk/iso-look.h"

static void make(struct iso_image *ret)
{
	CLEANUP(iso_node) struct iso_node *root = iso_node_new_root(&dir_meta);
	const struct iso_options o = {"test", dir_meta.time, true};
	struct iso_file file = {.data = {.bytes = "hello", .size = 5}};
	struct werr *err = NULL;

	iso_node_add(root, "file", &file_meta)->file = &file;
	assert_ok(iso_layout(root, &o, ret, &err), err);
}

static struct iso_boot_file *file_of(
	struct iso_boot_file *f, const char *name, enum iso_boot_use use, uint64_t size)
{
	*f = (struct iso_boot_file){.name = name, .use = use, .content.size = size};
	return f;
}

/* The words of an entry of the catalogue add up to 0. */
static void assert_sum(const unsigned char *p)
{
	uint16_t sum = 0;

	for (size_t i = 0; i < 32; i += 2)
		sum = (uint16_t)(sum + le16_get(p + i));
	assert_int_equal(sum, 0);
}

/* The catalogue's bytes are the last memory that was added. */
static const unsigned char *catalogue(const struct iso_image *i)
{
	uint64_t at = (uint64_t)le32_get(i->head + 2048 + 71) * 2048;

	for (size_t j = 0; j < i->extents.n; j++)
		if (i->extents.items[j].at == at)
			return i->extents.items[j].bytes;
	return NULL;
}

static void test_for_a_bios_and_uefi(ATTR_UNUSED void **state)
{
	CLEANUP(iso_image) struct iso_image image = {0};
	struct iso_boot_file files[3];
	struct werr *err = NULL;
	const unsigned char *p;

	make(&image);
	file_of(&files[0], "efi.img", ISO_BOOT_EFI, 5000);
	file_of(&files[1], "eltorito.img", ISO_BOOT_BIOS, 3000);
	file_of(&files[2], "grub.cfg", ISO_BOOT_PLAIN, 10)->in_grub = true;
	assert_ok(iso_boot_put(&image, files, 3, dir_meta.time, &err), err);
	assert_memory_equal(image.head + 2048, "\0CD001\1EL TORITO SPECIFICATION\0", 31);
	assert_memory_equal(image.head + 4096, "\377CD001\1", 7);
	p = catalogue(&image);
	assert_memory_equal(p, "\1\0\0\0", 4);
	assert_memory_equal(p + 30, "\x55\xaa\x88\0\0\0\0\0\4\0", 10);
	assert_sum(p);
	assert_int_equal(le32_get(p + 40), files[1].sector);
	assert_memory_equal(p + 64, "\x91\xef\1\0", 4);
	assert_memory_equal(p + 96, "\x88\0\0\0\0\0\x0a\0", 8);
	assert_int_equal(le32_get(p + 104), files[0].sector);
	/* Behind all that was there, each in sectors of its own. */
	assert_int_equal(files[0].sector, 33);
	assert_int_equal(files[1].sector, 36);
	assert_int_equal(files[2].sector, 38);
	assert_int_equal(le32_get(image.head + 80), 39);
	assert_int_equal(image.extents.size, 39 * 2048);
	/* And they have names. */
	p = record(&image, image.boot_sector, "EFI.IMG;1");
	assert_int_equal(le32_get(p + 2), 33);
	assert_int_equal(le32_get(p + 10), 5000);
	p = record(&image, image.boot_sector, "GRUB");
	p = record(&image, le32_get(p + 2), "GRUB.CFG;1");
	assert_int_equal(le32_get(p + 2), 38);
	assert_non_null(record(&image, image.boot_sector, "BOOT.CAT;1"));
}

/* Alone it is the first entry. */
static void test_for_uefi(ATTR_UNUSED void **state)
{
	static const struct {
		uint64_t size;
		const char *load;
	} sizes[] = {
		{1, "\1\0"},
		{(uint64_t)0xffff * 512, "\xff\xff"},
		{(uint64_t)0xffff * 512 + 1, "\0\0"},
		{(uint64_t)64 << 20, "\0\0"},
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		CLEANUP(iso_image) struct iso_image image = {0};
		struct iso_boot_file file;
		struct werr *err = NULL;
		const unsigned char *p;

		make(&image);
		file_of(&file, "efi.img", ISO_BOOT_EFI, sizes[i].size);
		assert_ok(iso_boot_put(&image, &file, 1, dir_meta.time, &err), err);
		p = catalogue(&image);
		assert_memory_equal(p, "\1\xef", 2);
		assert_sum(p);
		assert_memory_equal(p + 32, "\x88\0\0\0\0\0", 6);
		assert_memory_equal(p + 38, sizes[i].load, 2);
		assert_int_equal(le32_get(p + 40), file.sector);
		assert_int_equal(p[64], 0);
	}
}

static int write_to_file(const struct iso_image *image, struct werr **err)
{
	char path[] = "/tmp/wherry-iso-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);
	CLEANUP(writer) struct writer *to = fd_writer_new(fd, FD_LENT, path);

	unlink(path);
	assert_ok(extents_write(&image->extents, 0, image->extents.size, to, err), *err);
	assert_int_equal(ftruncate(fd, (off_t)image->extents.size), 0);
	return fd;
}

static unsigned char *bytes_of(const struct iso_image *image, struct werr **err)
{
	unsigned char *bytes = mem_alloc((size_t)image->extents.size);
	CLEANUP(fd) int fd = write_to_file(image, err);

	assert_ok(fd_read_at(fd, "the image", 0, bytes, (size_t)image->extents.size, err), *err);
	return bytes;
}

/* An image that is opened again, and gets its files then, is the same to the byte. */
static void test_an_image_from_a_file(ATTR_UNUSED void **state)
{
	CLEANUP(iso_image) struct iso_image one = {0};
	CLEANUP(iso_image) struct iso_image two = {0};
	CLEANUP(free) unsigned char *a = NULL;
	CLEANUP(free) unsigned char *b = NULL;
	CLEANUP(fd) int fd = -1;
	struct iso_boot_file file;
	struct werr *err = NULL;

	make(&one);
	fd = write_to_file(&one, &err);
	assert_ok(iso_image_open(&(struct io_range){fd, 0, one.extents.size}, &two, &err), err);
	iso_image_set_volume(&one, "OTHER_1");
	iso_image_set_volume(&two, "OTHER_1");
	assert_memory_equal(two.head + 40, "OTHER_1 ", 8);
	file_of(&file, "efi.img", ISO_BOOT_EFI, 9000);
	assert_ok(iso_boot_put(&one, &file, 1, dir_meta.time, &err), err);
	file_of(&file, "efi.img", ISO_BOOT_EFI, 9000);
	assert_ok(iso_boot_put(&two, &file, 1, dir_meta.time, &err), err);
	assert_int_equal(one.extents.size, two.extents.size);
	a = bytes_of(&one, &err);
	b = bytes_of(&two, &err);
	assert_memory_equal(a, b, one.extents.size);
}

static void assert_refused(int fd, uint64_t size, const char *part)
{
	struct iso_image image = {0};
	struct werr *err = NULL;

	assert_fails(iso_image_open(&(struct io_range){fd, 0, size}, &image, &err), err,
		WERR_CORRUPT, part);
	assert_null(image.head);
}

static void put32(int fd, off_t at, uint32_t v)
{
	unsigned char bytes[4];

	le32_put(bytes, v);
	assert_int_equal(pwrite(fd, bytes, sizeof(bytes), at), sizeof(bytes));
}

static void test_files_that_are_refused(ATTR_UNUSED void **state)
{
	CLEANUP(iso_image) struct iso_image image = {0};
	CLEANUP(fd) int fd = -1;
	struct werr *err = NULL;

	make(&image);
	fd = write_to_file(&image, &err);
	assert_refused(fd, 0, "ends too early");
	assert_refused(fd, 20 * 2048 - 1, "ends too early");
	put32(fd, 16 * 2048 + 891, UINT32_MAX);
	assert_refused(fd, image.extents.size, "ends too early");
	put32(fd, 16 * 2048 + 891, 18);
	assert_refused(fd, image.extents.size, "in its head");
	put32(fd, 16 * 2048 + 883, 0);
	assert_refused(fd, image.extents.size, "without a place for /boot");
}

static void test_too_many_files(ATTR_UNUSED void **state)
{
	enum { N = 8 };
	CLEANUP(iso_image) struct iso_image image = {0};
	static char names[N][201];
	struct iso_boot_file files[N];
	struct werr *err = NULL;

	make(&image);
	for (size_t i = 0; i < N; i++) {
		memset(names[i], 'a' + (int)i, sizeof(names[i]) - 1);
		file_of(&files[i], names[i], ISO_BOOT_PLAIN, 1);
	}
	assert_fails(iso_boot_put(&image, files, N, 0, &err), err, WERR_LIMIT,
		"too many files in /boot");
}

/* The sum is over all but the first 64 bytes; a word that is cut off counts, too. */
static void test_the_information_table(ATTR_UNUSED void **state)
{
	unsigned char bytes[64 + 6];

	memset(bytes, 0xff, sizeof(bytes));
	memcpy(bytes + 64, "\1\0\0\0\2\1", 6);
	iso_boot_info_put(bytes, sizeof(bytes), 77);
	assert_memory_equal(bytes, "\xff\xff\xff\xff\xff\xff\xff\xff\x10\0\0\0", 12);
	assert_int_equal(le32_get(bytes + 12), 77);
	assert_int_equal(le32_get(bytes + 16), 70);
	assert_int_equal(le32_get(bytes + 20), 0x103);
	assert_int_equal(le32_get(bytes + 24), 0);
	assert_int_equal(le32_get(bytes + 60), 0);
	assert_memory_equal(bytes + 64, "\1\0\0\0\2\1", 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_for_a_bios_and_uefi),
		cmocka_unit_test(test_for_uefi),
		cmocka_unit_test(test_an_image_from_a_file),
		cmocka_unit_test(test_files_that_are_refused),
		cmocka_unit_test(test_too_many_files),
		cmocka_unit_test(test_the_information_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
