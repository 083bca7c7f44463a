/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a VHD: Microsoft, Virtual Hard Disk Image Format Specification, 1.0. */
#include <string.h>

#include "base/endian.h"
#include "disk/image-impl.h"

enum { FOOTER = 512, FIXED = 2, DYNAMIC = 3, HEADER = 1024, BLOCK_MIN = 4096 };
#define NO_BLOCK UINT32_MAX

static bool open_vhd(struct disk_image *i)
{
	unsigned char footer[FOOTER], h[HEADER];

	if (i->length < FOOTER || !disk_image_bytes(i, i->length - FOOTER, footer, FOOTER) ||
		memcmp(footer, "conectix", 8) != 0)
		return false;
	i->size = be64_get(footer + 48);
	if (be32_get(footer + 60) == FIXED)
		return true;
	if (be32_get(footer + 60) != DYNAMIC ||
		!disk_image_bytes(i, be64_get(footer + 16), h, sizeof(h)) ||
		memcmp(h, "cxsparse", 8) != 0)
		return false;
	i->table = be64_get(h + 16);
	i->entries = be32_get(h + 28);
	i->unit = be32_get(h + 32);
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
	ret->is_hole = be32_get(entry) == NO_BLOCK;
	ret->at = (uint64_t)be32_get(entry) * DISK_SECTOR + bitmap + at % i->unit;
	return true;
}

const struct disk_image_kind disk_image_vhd = {"vpc", open_vhd, find_vhd};
