/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a VHDX: Microsoft, MS-VHDX. What is in its log is not looked at. */
#include <string.h>

#include "base/endian.h"
#include "disk/image-impl.h"
#include "disk/vhdx-format.h"

enum { ENTRIES_MAX = 64 };
#define OFFSET (~(uint64_t)0xfffff) /* of a block */

/* What follows the name of an entry in a table. */
static bool find_entry(const struct disk_image *i, uint64_t table, unsigned head,
	const vhdx_guid name, unsigned char ret[static VHDX_ENTRY - VHDX_GUID])
{
	unsigned char entry[VHDX_ENTRY];

	for (uint64_t n = 0; n < ENTRIES_MAX; n++) {
		if (!disk_image_bytes(i, table + head + n * VHDX_ENTRY, entry, sizeof(entry)))
			return false;
		if (memcmp(entry, name, VHDX_GUID) == 0) {
			memcpy(ret, entry + VHDX_GUID, VHDX_ENTRY - VHDX_GUID);
			return true;
		}
	}
	return false;
}

static bool find_number(const struct disk_image *i, uint64_t metadata, const vhdx_guid name,
	size_t size, uint64_t *ret)
{
	unsigned char entry[VHDX_ENTRY - VHDX_GUID], value[8] = {0};

	if (!find_entry(i, metadata, VHDX_METADATA_HEAD, name, entry) ||
		!disk_image_bytes(i, metadata + le32_get(entry), value, size))
		return false;
	*ret = le64_get(value);
	return true;
}

static bool open_vhdx(struct disk_image *i)
{
	unsigned char region[VHDX_ENTRY - VHDX_GUID];
	uint64_t metadata, sector;

	if (!find_entry(i, VHDX_REGIONS_AT, VHDX_REGIONS_HEAD, vhdx_table, region))
		return false;
	i->table = le64_get(region);
	if (!find_entry(i, VHDX_REGIONS_AT, VHDX_REGIONS_HEAD, vhdx_metadata, region))
		return false;
	metadata = le64_get(region);
	if (i->table > INT64_MAX || metadata > INT64_MAX ||
		!find_number(i, metadata, vhdx_parameters, 4, &i->unit) ||
		!find_number(i, metadata, vhdx_disk_size, 8, &i->size) ||
		!find_number(i, metadata, vhdx_sector_size, 4, &sector) || i->unit < 1 << 20 ||
		sector < DISK_SECTOR)
		return false;
	i->entries = (sector << VHDX_SECTORS_BITS) / i->unit;
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
	ret->is_hole = (entry & VHDX_STATE) != VHDX_PRESENT;
	ret->at = (entry & OFFSET) + at % i->unit;
	return true;
}

const struct disk_image_kind disk_image_vhdx = {"vhdx", open_vhdx, find_vhdx};
