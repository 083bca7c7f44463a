/* SPDX-License-Identifier: Apache-2.0 */
#include "init/disk.h"

#include <stdint.h>
#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"

enum { UUID_BYTES = 16, GPT_ENTRY_MIN = 128, GPT_ENTRY_MAX = 4096, GPT_ENTRIES_MAX = 1024 };

/*
 * The offsets of magic bytes, UUID and label; 0: the type has none. The shortest magic is tried
 * last.
 */
static const struct {
	const char *type;
	size_t magic_at;
	const char *magic;
	size_t uuid_at, label_at, label_size;
} known[] = {
	{"squashfs", 0, "hsqs", 0, 0, 0},
	{"erofs", 1024, "\xe2\xe1\xf5\xe0", 1024 + 48, 1024 + 64, 16},
	{"xfs", 0, "XFSB", 32, 108, 12},
	{"btrfs", 65536 + 64, "_BHRfS_M", 65536 + 32, 65536 + 299, 256},
	{"iso9660", 32768 + 1, "CD001", 0, 32768 + 40, 32},
	{"vfat", 82, "FAT32   ", 0, 71, 11},
	{"vfat", 54, "FAT16   ", 0, 43, 11},
	{"vfat", 54, "FAT12   ", 0, 43, 11},
	{"ext4", 1024 + 56, "\x53\xef", 1024 + 104, 1024 + 120, 16},
};

static void uuid_text(const unsigned char *b, char dst[static DISK_UUID])
{
	str_format(dst, DISK_UUID,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		b[15]);
}

/* Up to a NUL, without the spaces that iso9660 pads it with; safe to print. */
static void label_text(const unsigned char *b, size_t size, char dst[static DISK_LABEL])
{
	size_t n = strnlen((const char *)b, size);

	while (n && b[n - 1] == ' ')
		n--;
	for (size_t i = 0; i < n; i++)
		dst[i] = (char)(b[i] < ' ' || b[i] == 0x7f ? '?' : b[i]);
	dst[n] = 0;
}

bool disk_identify(const unsigned char *p, size_t size, struct disk_fs *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		size_t n = strlen(known[i].magic);

		if (size < known[i].magic_at + n ||
			memcmp(p + known[i].magic_at, known[i].magic, n) != 0)
			continue;
		*ret = (struct disk_fs){.type = known[i].type};
		if (known[i].uuid_at && size >= known[i].uuid_at + UUID_BYTES)
			uuid_text(p + known[i].uuid_at, ret->uuid);
		if (known[i].label_at && size >= known[i].label_at + known[i].label_size)
			label_text(p + known[i].label_at, known[i].label_size, ret->label);
		return true;
	}
	return false;
}

/* The first three fields of a GUID are little-endian. */
static void guid_text(const unsigned char *b, char dst[static DISK_UUID])
{
	static const unsigned char order[UUID_BYTES] = {
		3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	unsigned char uuid[UUID_BYTES];

	for (size_t i = 0; i < UUID_BYTES; i++)
		uuid[i] = b[order[i]];
	uuid_text(uuid, dst);
}

/* sector: the disk's sector size; the header is in the second sector. */
static bool gpt_uuid(
	const unsigned char *p, size_t size, size_t sector, unsigned n, char ret[static DISK_UUID])
{
	const unsigned char *header = p + sector;
	uint64_t lba, entry, count;
	size_t at;

	if (size < 2 * sector || memcmp(header, "EFI PART", 8) != 0)
		return false;
	lba = le64_get(header + 72);
	count = le32_get(header + 80);
	entry = le32_get(header + 84);
	if (lba > DISK_HEAD / sector || entry < GPT_ENTRY_MIN || entry > GPT_ENTRY_MAX ||
		n > count || n > GPT_ENTRIES_MAX)
		return false;
	at = (size_t)(lba * sector + (n - 1) * entry);
	if (size < GPT_ENTRY_MIN || at > size - GPT_ENTRY_MIN)
		return false;
	guid_text(p + at + UUID_BYTES, ret);
	return true;
}

bool disk_partition_uuid(
	const unsigned char *p, size_t size, unsigned n, char ret[static DISK_UUID])
{
	if (n < 1)
		return false;
	if (gpt_uuid(p, size, 512, n, ret) || gpt_uuid(p, size, 4096, n, ret))
		return true;
	if (size < 512 || p[510] != 0x55 || p[511] != 0xaa || n > 255)
		return false;
	str_format(ret, DISK_UUID, "%08x-%02x", (unsigned)le32_get(p + 440), n);
	return true;
}
