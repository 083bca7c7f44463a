/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a VHD: Microsoft, Virtual Hard Disk Image Format Specification, 1.0. */
#include <string.h>

#include "base/endian.h"
#include "disk/image-impl.h"
#include "disk/vhd-format.h"

enum { BLOCK_MIN = 4096 };

static bool open_vhd(struct disk_image *i)
{
	unsigned char footer[VHD_FOOTER], h[VHD_HEADER];

	if (i->length < VHD_FOOTER ||
		!disk_image_bytes(i, i->length - VHD_FOOTER, footer, VHD_FOOTER) ||
		memcmp(footer, VHD_MAGIC, VHD_MAGIC_SIZE) != 0)
		return false;
	i->size = be64_get(footer + VHD_SIZE_AT);
	if (be32_get(footer + VHD_TYPE_AT) == VHD_FIXED)
		return true;
	if (be32_get(footer + VHD_TYPE_AT) != VHD_DYNAMIC ||
		!disk_image_bytes(i, be64_get(footer + VHD_HEADER_AT), h, sizeof(h)) ||
		memcmp(h, VHD_HEADER_MAGIC, VHD_MAGIC_SIZE) != 0)
		return false;
	i->table = be64_get(h + VHD_TABLE_AT);
	i->entries = be32_get(h + VHD_ENTRIES_AT);
	i->unit = be32_get(h + VHD_BLOCK_AT);
	return i->unit >= BLOCK_MIN && i->table <= INT64_MAX;
}

static bool find_vhd(const struct disk_image *i, uint64_t at, struct disk_place *ret)
{
	uint64_t block = i->unit ? at / i->unit : 0, bitmap;
	unsigned char entry[4];

	if (!i->unit) {
		ret->at = at;
		return true;
	}
	if (block >= i->entries || !disk_image_bytes(i, i->table + block * 4, entry, sizeof(entry)))
		return false;
	/* In front of a block are as many bits as it has sectors, in whole sectors. */
	bitmap = (i->unit / DISK_SECTOR / 8 + DISK_SECTOR - 1) / DISK_SECTOR * DISK_SECTOR;
	ret->is_hole = be32_get(entry) == VHD_NO_BLOCK;
	ret->at = (uint64_t)be32_get(entry) * DISK_SECTOR + bitmap + at % i->unit;
	return true;
}

const struct disk_image_kind disk_image_vhd = {"vpc", open_vhd, find_vhd};
