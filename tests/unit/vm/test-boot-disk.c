/* SPDX-License-Identifier: Apache-2.0 */
/* Disks that we write ourselves, and those that others break. */
#include "check.h"

#include <string.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/endian.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/fat.h"
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

/* By QEMU's name of the format. */
static struct boot_disk look(int fd, const char *format)
{
	struct boot_disk found = {0};
	struct disk_image image;

	if (disk_image_open(fd, format, 0, 0, &image))
		boot_disk_look(&image, &found);
	return found;
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

			if (look(fd, formats[k]->name).needs_uefi != cases[i].expected)
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
	assert_true(look(fd, format->name).needs_uefi);
	assert_int_equal(pwrite(fd, bytes, size, (off_t)at), (int)size);
	if (look(fd, format->name).needs_uefi)
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
	assert_false(look(empty, "raw").needs_uefi);
	assert_false(look(-1, "raw").needs_uefi);
}

/* ---- for which architecture ---- */

enum { HEADER = 0x80, PROGRAM = 8192 };

/* The headers of a PE file of PROGRAM zeros. */
static void put_program(unsigned char *program, const struct arch *a)
{
	memcpy(program, "MZ", 2);
	le32_put(program + 0x3c, HEADER);
	memcpy(program + HEADER, "PE\0\0", 4);
	le16_put(program + HEADER + 4, a->efi.machine);
}

static int write_disk(
	struct extents *disk, const struct disk_format *format, enum disk_compression compression)
{
	const struct disk_options options = {.compression = compression};
	CLEANUP(writer) struct writer *to = NULL;
	struct werr *err = NULL;
	int fd;

	disk->size = (disk->size + MIB - 1) / MIB * MIB;
	assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
	to = fd_writer_new(fd, FD_LENT, "disk");
	assert_ok(format->write(disk, &options, to, &err), err);
	assert_ok(writer_finish(to, &err), err);
	return fd;
}

/* A disk with what firmware starts of an architecture, behind what it does not. */
static int make_esp(const struct arch *a, const struct disk_format *format,
	enum disk_compression compression, uint64_t fat_size)
{
	static unsigned char program[PROGRAM];
	CLEANUP(free) char *name = str_printf("EFI/BOOT/%s", a->efi.boot_file);
	struct fat_file files[] = {{.path = "EFI/BOOT/grub.cfg"}, {.path = "EFI/Linux/os.efi"},
		{.path = name, .content.size = PROGRAM}};
	struct fat fat = {.files = files, .n = 3, .label = "EFI", .size = fat_size};
	struct gpt_partition p = {.type = gpt_type_esp};
	struct gpt g = {.partitions = &p, .n = 1};
	CLEANUP(extents) struct extents disk = {0};
	CLEANUP(extents) struct extents content = {0};
	struct werr *err = NULL;
	int fd;

	put_program(program, a);
	assert_ok(extents_add_bytes(&files[2].content, 0, program, PROGRAM, &err), err);
	assert_ok(fat_place(&fat, &err), err);
	p.size = fat.size;
	assert_ok(gpt_place(&p, 1, &disk.size, &err), err);
	fat.hidden = p.at;
	assert_ok(fat_put(&fat, &content, &err), err);
	assert_ok(gpt_put(&g, &disk, &err), err);
	assert_ok(extents_move(&disk, p.at, &content, &err), err);
	fd = write_disk(&disk, format, compression);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		extents_cleanup(&files[i].content);
	return fd;
}

static void test_architectures(ATTR_UNUSED void **state)
{
	static const struct {
		const struct disk_format *format;
		const char *name;
		enum disk_compression compression;
	} kinds[] = {{&disk_raw, "raw", DISK_PLAIN}, {&disk_qcow2, "qcow2", DISK_PLAIN},
		{&disk_qcow2, "qcow2", DISK_ZLIB}, {&disk_qcow2, "qcow2", DISK_ZSTD},
		{&disk_vmdk, "vmdk", DISK_PLAIN}, {&disk_stream_vmdk, "vmdk", DISK_PLAIN},
		{&disk_vhd, "vpc", DISK_PLAIN}, {&disk_dynamic_vhd, "vpc", DISK_PLAIN},
		{&disk_vhdx, "vhdx", DISK_PLAIN}};
	/* FAT16 and FAT32. */
	static const uint64_t sizes[] = {0, (uint64_t)600 << 20};

	for (const struct arch *a = arch_table; a->name; a++)
		for (size_t k = 0; a->efi.name && k < ARRAY_SIZE(kinds); k++)
			for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
				CLEANUP(fd)
				int fd = make_esp(
					a, kinds[k].format, kinds[k].compression, sizes[i]);
				struct boot_disk found = look(fd, kinds[k].name);

				if (!found.needs_uefi || !str_eq(found.arch, a->name))
					fail_msg("%s in %s", a->name, kinds[k].name);
			}
}

/* Nothing we write has so few clusters. */
enum {
	FAT12_SECTORS = 1000, /* of one cluster each, but for those before the data: */
	FAT12_TABLE = 1,
	FAT12_ROOT = 4,
	FAT12_DATA = 5,
};

static unsigned char *fat12_cluster(unsigned char *volume, size_t cluster)
{
	return volume + (FAT12_DATA + cluster - 2) * DISK_SECTOR;
}

static void fat12_chain(unsigned char *volume, size_t cluster, uint16_t next)
{
	unsigned char *at = volume + FAT12_TABLE * DISK_SECTOR + cluster * 3 / 2;

	le16_put(at, (uint16_t)(le16_get(at) | (cluster % 2 ? next << 4 : next)));
}

static void fat_entry(unsigned char *at, const char *name, unsigned char attributes, uint16_t to)
{
	memcpy(at, name, 11);
	at[11] = attributes;
	le16_put(at + 26, to);
}

/* Its directory EFI goes on in clusters whose entries in the table are odd, and in two sectors. */
static void make_fat12(unsigned char *volume, const struct arch *a)
{
	le16_put(volume + 11, DISK_SECTOR);
	volume[13] = 1; /* sectors of a cluster */
	le16_put(volume + 14, FAT12_TABLE);
	volume[16] = 1; /* tables */
	le16_put(volume + 17, DISK_SECTOR / 32);
	le16_put(volume + 19, FAT12_SECTORS);
	le16_put(volume + 22, FAT12_ROOT - FAT12_TABLE);
	fat12_chain(volume, 2, 341);
	fat12_chain(volume, 341, 340);
	fat12_chain(volume, 340, 0xfff);
	fat_entry(volume + FAT12_ROOT * DISK_SECTOR, "EFI        ", 0x10, 2);
	fat_entry(fat12_cluster(volume, 340), "BOOT       ", 0x10, 3);
	fat_entry(fat12_cluster(volume, 3), "BOOT~1  EFI", 0, 4);
	put_program(fat12_cluster(volume, 4), a);
}

/* A raw disk whose one partition is an ESP of these bytes. */
static int make_esp_of(const void *volume, size_t size)
{
	struct gpt_partition p = {.type = gpt_type_esp, .size = size};
	CLEANUP(extents) struct extents disk = {0};
	struct werr *err = NULL;

	assert_ok(gpt_place(&p, 1, &disk.size, &err), err);
	assert_ok(gpt_put(&(struct gpt){.partitions = &p, .n = 1}, &disk, &err), err);
	assert_ok(extents_add_bytes(&disk, p.at, volume, size, &err), err);
	return write_disk(&disk, &disk_raw, DISK_PLAIN);
}

static void test_fat12(ATTR_UNUSED void **state)
{
	for (const struct arch *a = arch_table; a->name; a++) {
		unsigned char volume[FAT12_SECTORS * DISK_SECTOR] = {0};
		CLEANUP(fd) int fd = -1;

		if (!a->efi.name)
			continue;
		make_fat12(volume, a);
		fd = make_esp_of(volume, sizeof(volume));
		assert_string_equal(look(fd, "raw").arch, a->name);
	}
}

enum {
	FAT32_CLUSTER = 128, /* sectors */
	FAT32_DATA = 2,      /* the sector of cluster 2, where the root begins */
	FAT32_EFI = 32,      /* the clusters of EFI, of EFI/BOOT and of the program */
	FAT32_CLUSTERS_SEEN = 35,
};

static unsigned char *fat32_cluster(unsigned char *volume, size_t cluster)
{
	return volume + (FAT32_DATA + (cluster - 2) * FAT32_CLUSTER) * DISK_SECTOR;
}

/* Its root goes on through all clusters up to FAT32_EFI, and has EFI in one of them. */
static void make_fat32(unsigned char *volume, const struct arch *a, size_t has_efi)
{
	le16_put(volume + 11, DISK_SECTOR);
	volume[13] = FAT32_CLUSTER;
	le16_put(volume + 14, 1);
	volume[16] = 1; /* tables */
	le32_put(volume + 32, FAT32_CLUSTER * 70000);
	le32_put(volume + 36, FAT32_DATA - 1);
	le32_put(volume + 44, 2);
	for (uint32_t i = 2; i < FAT32_EFI - 1; i++)
		le32_put(volume + DISK_SECTOR + i * 4, i + 1);
	fat_entry(fat32_cluster(volume, has_efi), "EFI        ", 0x10, FAT32_EFI);
	fat_entry(fat32_cluster(volume, FAT32_EFI), "BOOT       ", 0x10, FAT32_EFI + 1);
	fat_entry(fat32_cluster(volume, FAT32_EFI + 1), "BOOT~1  EFI", 0, FAT32_EFI + 2);
	put_program(fat32_cluster(volume, FAT32_EFI + 2), a);
}

/* Each sector can take the unpacking of a large cluster, so only some are read. */
static void test_a_directory_is_not_read_for_ever(ATTR_UNUSED void **state)
{
	enum { SIZE = (FAT32_DATA + FAT32_CLUSTERS_SEEN * FAT32_CLUSTER) * DISK_SECTOR };
	static const struct {
		size_t has_efi;
		bool is_found;
	} cases[] = {{2, true}, {3, true}, {FAT32_EFI - 2, false}};
	const struct arch *a = arch_find("arm64");

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(free) unsigned char *volume = mem_new_array(unsigned char, SIZE);
		CLEANUP(fd) int fd = -1;

		make_fat32(volume, a, cases[i].has_efi);
		fd = make_esp_of(volume, SIZE);
		if (!look(fd, "raw").arch == cases[i].is_found)
			fail_msg("EFI in cluster %zu", cases[i].has_efi);
	}
}

/* Boot code says that a PC starts it, and a partition without programs nothing. */
static void test_no_program(ATTR_UNUSED void **state)
{
	CLEANUP(fd) int code = make_disk(&disk_raw, 0, true, true);
	CLEANUP(fd) int none = make_disk(&disk_raw, 0, true, false);

	assert_string_equal(look(code, "raw").arch, "amd64");
	assert_null(look(none, "raw").arch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_needs_uefi),
		cmocka_unit_test(test_what_is_broken),
		cmocka_unit_test(test_architectures),
		cmocka_unit_test(test_fat12),
		cmocka_unit_test(test_a_directory_is_not_read_for_ever),
		cmocka_unit_test(test_no_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
