/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a VHDX: Microsoft, MS-VHDX. What is in its log is not looked at. */
#include <string.h>

#include "base/endian.h"
#include "disk/image-impl.h"

enum {
	REGIONS_AT = 192 << 10,
	REGIONS_HEAD = 16,
	METADATA_HEAD = 32,
	ENTRY = 32, /* of both tables */
	ENTRIES_MAX = 64,
	GUID = 16,
	PRESENT = 6, /* state of a block */
	STATE = 7,
	SECTORS_BITS = 23, /* that a bitmap has; there is one for so many sectors */
};
#define OFFSET (~(uint64_t)0xfffff) /* of a block */

typedef const unsigned char guid[GUID];
static guid table_region = {0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0x00, 0x42, 0x9d, 0x64, 0x11, 0x5e,
	0x9b, 0xfd, 0x4a, 0x08};
static guid metadata_region = {0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b, 0xb8, 0xfe, 0x57,
	0x5f, 0x05, 0x0f, 0x88, 0x6e};
static guid file_parameters = {0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d, 0xb3, 0xb6, 0x33,
	0xf0, 0xaa, 0x44, 0xe7, 0x6b};
static guid disk_size = {0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48, 0xb2, 0x11, 0x5d, 0xbe,
	0xd8, 0x3b, 0xf4, 0xb8};
static guid sector_size = {0x1d, 0xbf, 0x41, 0x81, 0x6f, 0xa9, 0x09, 0x47, 0xba, 0x47, 0xf2, 0x33,
	0xa8, 0xfa, 0xab, 0x5f};

/* What follows the name of an entry in a table. */
static bool find_entry(const struct disk_image *i, uint64_t table, unsigned head, guid name,
	unsigned char ret[static ENTRY - GUID])
{
	unsigned char entry[ENTRY];

	for (uint64_t n = 0; n < ENTRIES_MAX; n++) {
		if (!disk_image_bytes(i, table + head + n * ENTRY, entry, sizeof(entry)))
			return false;
		if (memcmp(entry, name, GUID) == 0) {
			memcpy(ret, entry + GUID, ENTRY - GUID);
			return true;
		}
	}
	return false;
}

static bool find_number(
	const struct disk_image *i, uint64_t metadata, guid name, size_t size, uint64_t *ret)
{
	unsigned char entry[ENTRY - GUID], value[8] = {0};

	if (!find_entry(i, metadata, METADATA_HEAD, name, entry) ||
		!disk_image_bytes(i, metadata + le32_get(entry), value, size))
		return false;
	*ret = le64_get(value);
	return true;
}

static bool open_vhdx(struct disk_image *i)
{
	unsigned char region[ENTRY - GUID];
	uint64_t metadata, sector;

	if (!find_entry(i, REGIONS_AT, REGIONS_HEAD, table_region, region))
		return false;
	i->table = le64_get(region);
	if (!find_entry(i, REGIONS_AT, REGIONS_HEAD, metadata_region, region))
		return false;
	metadata = le64_get(region);
	if (i->table > INT64_MAX || metadata > INT64_MAX ||
		!find_number(i, metadata, file_parameters, 4, &i->unit) ||
		!find_number(i, metadata, disk_size, 8, &i->size) ||
		!find_number(i, metadata, sector_size, 4, &sector) || i->unit < 1 << 20 ||
		sector < DISK_SECTOR)
		return false;
	i->entries = (sector << SECTORS_BITS) / i->unit;
	return i->entries > 0;
}

static bool find_vhdx(const struct disk_image *i, uint64_t at, struct disk_place *ret)
{
	uint64_t block = at / i->unit, entry;
	unsigned char bytes[8];

	/* After so many blocks there is one for a bitmap. */
	if (!disk_image_bytes(i, i->table + (block + block / i->entries) * 8, bytes, sizeof(bytes)))
		return false;
	entry = le64_get(bytes);
	ret->is_hole = (entry & STATE) != PRESENT;
	ret->at = (entry & OFFSET) + at % i->unit;
	return true;
}

const struct disk_image_kind disk_image_vhdx = {"vhdx", open_vhdx, find_vhdx};
