/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/boot-disk.h"

#include <string.h>
#include <unistd.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/codec.h"
#include "disk/gpt.h"
#include "vm/boot-cd.h"

enum {
	ENTRY_MIN = 128, /* UEFI 2.10, 5.3.3: and powers of 2 times that */
	ENTRY_MAX = 4096,
	QCOW2_HEADER = 80,
	QCOW2_EXTENDED = 1 << 4, /* an incompatible feature: entries of L2 of 16 bytes */
	QCOW2_CLUSTER_MIN = 9,   /* bits */
	QCOW2_CLUSTER_MAX = 21,
};
#define QCOW2_COMPRESSED ((uint64_t)1 << 62)
#define QCOW2_OFFSET     0x00fffffffffffe00 /* of an entry of L1 and L2 */

struct image {
	int fd;
	uint64_t size;         /* of the disk; bytes */
	unsigned cluster_bits; /* 0: raw */
	unsigned step;         /* from an entry of L2 to the next; bytes */
	uint64_t l1;           /* where its table is; one entry is enough for what is read */
};

static bool read_file(int fd, uint64_t at, void *p, size_t size)
{
	return at <= INT64_MAX && pread(fd, p, size, (off_t)at) == (ssize_t)size;
}

/* QEMU, docs/interop/qcow2.txt. False: it can't be one. */
static bool open_qcow2(const unsigned char header[static QCOW2_HEADER], struct image *ret)
{
	uint32_t version = be32_get(header + 4), bits = be32_get(header + 20);

	if ((version != 2 && version != 3) || bits < QCOW2_CLUSTER_MIN ||
		bits > QCOW2_CLUSTER_MAX || be32_get(header + 36) == 0)
		return false;
	ret->cluster_bits = bits;
	ret->step = version == 3 && header[79] & QCOW2_EXTENDED ? 16 : 8;
	ret->l1 = be64_get(header + 40);
	ret->size = be64_get(header + 24);
	return true;
}

static bool open_image(int fd, struct image *ret)
{
	unsigned char header[QCOW2_HEADER];
	off_t size = lseek(fd, 0, SEEK_END);

	*ret = (struct image){.fd = fd, .size = size > 0 ? (uint64_t)size : 0};
	if (!read_file(fd, 0, header, sizeof(header)))
		return false;
	return memcmp(header, "QFI\xfb", 4) != 0 || open_qcow2(header, ret);
}

/* Where what an entry says begins; 0: nowhere, or it is compressed. */
static uint64_t entry_target(const struct image *i, uint64_t table, uint64_t at)
{
	unsigned char entry[8];

	if (table > INT64_MAX || !read_file(i->fd, table + at, entry, sizeof(entry)) ||
		be64_get(entry) & QCOW2_COMPRESSED)
		return 0;
	return be64_get(entry) & QCOW2_OFFSET;
}

/* A sector of the disk. Those that the file does not have, as after a hole, are left alone. */
static bool read_sector(const struct image *i, uint64_t sector, void *p)
{
	uint64_t at, entry, l2;

	if (sector > INT64_MAX / DISK_SECTOR)
		return false;
	at = sector * DISK_SECTOR;
	if (!i->cluster_bits)
		return read_file(i->fd, at, p, DISK_SECTOR);
	entry = (at >> i->cluster_bits) * i->step;
	l2 = entry >> i->cluster_bits == 0 ? entry_target(i, i->l1, 0) : 0;
	l2 = l2 ? entry_target(i, l2, entry) : 0;
	return l2 &&
	       read_file(i->fd, l2 + (at & (((uint64_t)1 << i->cluster_bits) - 1)), p, DISK_SECTOR);
}

static bool has_boot_code(const unsigned char *sector)
{
	for (size_t i = 0; i < GPT_BOOT_CODE_MAX; i++)
		if (sector[i])
			return true;
	return false;
}

/* What the table says of its partitions. */
struct table {
	bool has_esp;
	uint64_t end; /* of the last one; bytes */
};

static void read_table(const struct image *i, const unsigned char *header, struct table *ret)
{
	uint64_t first = le64_get(header + 72);
	uint32_t n = le32_get(header + 80), size = le32_get(header + 84);
	unsigned char sector[DISK_SECTOR];

	if (size < ENTRY_MIN || size > ENTRY_MAX || (size & (size - 1)))
		return;
	for (uint32_t k = 0; k < n && k < GPT_PARTITIONS_MAX; k++) {
		uint64_t at = (uint64_t)k * size, last;
		const unsigned char *entry = sector + at % DISK_SECTOR;
		struct guid type;

		if (first > UINT32_MAX || !read_sector(i, first + at / DISK_SECTOR, sector))
			return;
		guid_get_mixed(entry, &type);
		last = guid_is_zero(&type) ? 0 : le64_get(entry + 40);
		ret->has_esp |= guid_eq(&type, &gpt_type_esp);
		if (last >= UINT64_MAX / DISK_SECTOR)
			ret->end = UINT64_MAX;
		else if ((last + 1) * DISK_SECTOR > ret->end && last)
			ret->end = (last + 1) * DISK_SECTOR;
	}
}

static bool is_table(const unsigned char *sector)
{
	return memcmp(sector, "EFI PART", 8) == 0;
}

bool boot_disk_needs_uefi(int fd)
{
	unsigned char sector[DISK_SECTOR];
	struct table table = {0};
	struct image i;

	if (!open_image(fd, &i) || !read_sector(&i, 0, sector) || has_boot_code(sector))
		return false;
	if (!read_sector(&i, 1, sector) || !is_table(sector))
		return false;
	read_table(&i, sector, &table);
	return table.has_esp;
}

/* ---- what can't boot ---- */

static bool has_boot_mark(const unsigned char *sector)
{
	return sector[510] == 0x55 && sector[511] == 0xaa;
}

/* Whether no cluster of a qcow2 has its first sector, which then is zeros. */
static bool is_hole(const struct image *i)
{
	uint64_t l2 = i->cluster_bits ? entry_target(i, i->l1, 0) : 0;
	unsigned char entry[8];

	if (!l2)
		return i->cluster_bits != 0;
	return read_file(i->fd, l2, entry, sizeof(entry)) &&
	       !(be64_get(entry) & (QCOW2_COMPRESSED | QCOW2_OFFSET));
}

static int not_bootable(const char *path, const char *why, struct werr **err)
{
	werr_set(err, WERR_INVALID, "%s can't boot: %s", path, why);
	werr_hint(err, "`wherry build --format raw` makes a disk that boots");
	return werr_code(WERR_INVALID);
}

/* What it is instead decides what can be done with it. */
static int no_boot_sector(int fd, const char *path, struct werr **err)
{
	char head[CODEC_HEAD];
	const char *codec = NULL;

	if (boot_cd_is(fd)) {
		werr_set(err, WERR_INVALID, "%s can't boot as a disk: it is the image of a CD",
			path);
		werr_hint(err, "boot it as one, with --iso");
		return werr_code(WERR_INVALID);
	}
	if (read_file(fd, 0, head, sizeof(head)))
		codec = codec_detect(head, sizeof(head));
	if (!codec)
		return not_bootable(path, "it has no boot sector", err);
	werr_set(err, WERR_INVALID, "%s can't boot: it is compressed by %s", path, codec);
	werr_hint(err, "unpack it, and boot what was in it");
	return werr_code(WERR_INVALID);
}

static int cut_short(const char *path, uint64_t size, uint64_t end, struct werr **err)
{
	char has[16], needs[16];

	werr_set(err, WERR_INVALID, "%s is cut short: it has %s, and its partitions end at %s",
		path, str_size(has, size), str_size(needs, end));
	werr_hint(err, "build or copy it again");
	return werr_code(WERR_INVALID);
}

int boot_disk_check(int fd, const char *path, struct werr **err)
{
	unsigned char first[DISK_SECTOR], second[DISK_SECTOR];
	struct table table = {0};
	struct image i;
	bool is_known = open_image(fd, &i);

	if (i.size == 0)
		return not_bootable(path, "it is empty", err);
	if (!is_known || i.size < sizeof(first))
		return not_bootable(path, "it is no image of a disk", err);
	/* Of a qcow2, it can be compressed. */
	if (!read_sector(&i, 0, first) && !is_hole(&i))
		return 0;
	if (is_hole(&i))
		memset(first, 0, sizeof(first));
	if (!read_sector(&i, 1, second))
		memset(second, 0, sizeof(second));
	if (!has_boot_mark(first) && !is_table(second))
		return no_boot_sector(fd, path, err);
	if (is_table(second))
		read_table(&i, second, &table);
	return table.end > i.size ? cut_short(path, i.size, table.end, err) : 0;
}
