/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a sparse vmdk: VMware, Virtual Disk Format 1.1. */
#include <string.h>

#include "base/endian.h"
#include "disk/image-impl.h"
#include "disk/vmdk-format.h"

enum { GRAIN_MAX = 1 << 20 }; /* bytes */

static bool open_vmdk(struct disk_image *i)
{
	unsigned char h[DISK_SECTOR];

	if (!disk_image_bytes(i, 0, h, sizeof(h)) || memcmp(h, VMDK_MAGIC, 4) != 0)
		return false;
	if (le64_get(h + VMDK_DIRECTORY_AT) == VMDK_AT_END &&
		(i->length < VMDK_FOOTER ||
			!disk_image_bytes(i, i->length - VMDK_FOOTER, h, sizeof(h)) ||
			memcmp(h, VMDK_MAGIC, 4) != 0))
		return false;
	i->packing =
		le32_get(h + VMDK_FLAGS_AT) & VMDK_PACKED ? DISK_DEFLATED_ZLIB : DISK_NOT_PACKED;
	i->unit = le64_get(h + VMDK_GRAIN_SIZE_AT);
	i->entries = le32_get(h + VMDK_TABLE_ENTRIES_AT);
	i->table = le64_get(h + VMDK_DIRECTORY_AT);
	if (i->unit == 0 || i->unit > GRAIN_MAX / DISK_SECTOR || i->entries == 0 ||
		i->table > INT64_MAX / DISK_SECTOR ||
		le64_get(h + VMDK_CAPACITY_AT) > INT64_MAX / DISK_SECTOR)
		return false;
	i->unit *= DISK_SECTOR;
	i->table *= DISK_SECTOR;
	i->size = le64_get(h + VMDK_CAPACITY_AT) * DISK_SECTOR;
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
	unsigned char header[VMDK_MARK];

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
	ret->at = place + VMDK_MARK;
	ret->size = le32_get(header + VMDK_MARK_SIZE_AT);
	ret->skip = (uint32_t)(at % i->unit);
	return true;
}

const struct disk_image_kind disk_image_vmdk = {"vmdk", open_vmdk, find_vmdk};
