/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a sparse vmdk: VMware, Virtual Disk Format 1.1. */
#include "base/endian.h"
#include "disk/image-impl.h"

enum {
	MAGIC = 0x564d444b,
	PACKED = 1 << 16,         /* a flag: grains are compressed, and say their size */
	FOOTER = 2 * DISK_SECTOR, /* in front of the marker that ends a stream */
	GRAIN_HEADER = 12,
	GRAIN_MAX = 1 << 20, /* bytes */
};
#define AT_END UINT64_MAX

static bool open_vmdk(struct disk_image *i)
{
	unsigned char h[DISK_SECTOR];

	if (!disk_image_bytes(i, 0, h, sizeof(h)) || le32_get(h) != MAGIC)
		return false;
	if (le64_get(h + 56) == AT_END &&
		(i->length < FOOTER || !disk_image_bytes(i, i->length - FOOTER, h, sizeof(h)) ||
			le32_get(h) != MAGIC))
		return false;
	i->packing = le32_get(h + 8) & PACKED ? DISK_DEFLATED_ZLIB : DISK_NOT_PACKED;
	i->unit = le64_get(h + 20);
	i->entries = le32_get(h + 44);
	i->table = le64_get(h + 56);
	if (i->unit == 0 || i->unit > GRAIN_MAX / DISK_SECTOR || i->entries == 0 ||
		i->table > INT64_MAX / DISK_SECTOR || le64_get(h + 12) > INT64_MAX / DISK_SECTOR)
		return false;
	i->unit *= DISK_SECTOR;
	i->table *= DISK_SECTOR;
	i->size = le64_get(h + 12) * DISK_SECTOR;
	return true;
}

static bool get_entry(const struct disk_image *i, uint64_t at, uint64_t *ret)
{
	unsigned char entry[4];

	if (!disk_image_bytes(i, at, entry, sizeof(entry)))
		return false;
	*ret = (uint64_t)le32_get(entry) * DISK_SECTOR;
	return true;
}

static bool find_vmdk(const struct disk_image *i, uint64_t at, struct disk_place *ret)
{
	uint64_t grain = at / i->unit, table, place = 0;
	unsigned char header[GRAIN_HEADER];

	if (!get_entry(i, i->table + grain / i->entries * 4, &table) ||
		(table && !get_entry(i, table + grain % i->entries * 4, &place)))
		return false;
	/* 1 is a grain of zeros. */
	ret->is_hole = place <= DISK_SECTOR;
	ret->at = place + at % i->unit;
	if (ret->is_hole || !i->packing)
		return true;
	if (!disk_image_bytes(i, place, header, sizeof(header)))
		return false;
	ret->packing = i->packing;
	ret->at = place + GRAIN_HEADER;
	ret->size = le32_get(header + 8);
	ret->skip = (uint32_t)(at % i->unit);
	return true;
}

const struct disk_image_kind disk_image_vmdk = {"vmdk", open_vmdk, find_vmdk};
