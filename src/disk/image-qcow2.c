/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a qcow2: QEMU, docs/interop/qcow2.txt. */
#include "base/endian.h"
#include "disk/image-impl.h"

enum {
	HEADER = 80,
	HEADER_ZSTD = 105,
	EXTENDED = 1 << 4, /* an incompatible feature: entries of L2 of 16 bytes */
	OTHER_CODEC = 1 << 3,
	CLUSTER_MIN = 9, /* bits */
	CLUSTER_MAX = 21,
};
#define COMPRESSED ((uint64_t)1 << 62)
#define OFFSET     0x00fffffffffffe00 /* of an entry of L1 and L2 */

static bool open_qcow2(struct disk_image *i)
{
	unsigned char h[HEADER_ZSTD] = {0};
	uint32_t version;

	if (!disk_image_bytes(i, 0, h, HEADER) || be32_get(h) != 0x514649fb)
		return false;
	version = be32_get(h + 4);
	i->bits = be32_get(h + 20);
	if ((version != 2 && version != 3) || i->bits < CLUSTER_MIN || i->bits > CLUSTER_MAX ||
		be32_get(h + 36) == 0)
		return false;
	i->step = version == 3 && h[79] & EXTENDED ? 16 : 8;
	i->packing = DISK_DEFLATED;
	if (version == 3 && h[79] & OTHER_CODEC && disk_image_bytes(i, 0, h, sizeof(h)) && h[104])
		i->packing = DISK_ZSTANDARD;
	i->size = be64_get(h + 24);
	i->table = be64_get(h + 40);
	i->entries = be32_get(h + 36);
	return true;
}

static bool get_entry(const struct disk_image *i, uint64_t table, uint64_t at, uint64_t *ret)
{
	unsigned char entry[8];

	if (table > INT64_MAX || !disk_image_bytes(i, table + at, entry, sizeof(entry)))
		return false;
	*ret = be64_get(entry);
	return true;
}

static bool find_qcow2(const struct disk_image *i, uint64_t at, struct disk_place *ret)
{
	uint64_t mask = ((uint64_t)1 << i->bits) - 1, per_table = (mask + 1) / i->step;
	uint64_t cluster = at >> i->bits, entry;
	unsigned size_at = 62 - (i->bits - 8);

	if (cluster / per_table >= i->entries ||
		!get_entry(i, i->table, cluster / per_table * 8, &entry))
		return false;
	if (!(entry & OFFSET)) {
		ret->is_hole = true;
		return true;
	}
	if (!get_entry(i, entry & OFFSET, cluster % per_table * i->step, &entry))
		return false;
	if (entry & COMPRESSED) {
		ret->packing = i->packing;
		ret->at = entry & (((uint64_t)1 << size_at) - 1);
		ret->size = (uint32_t)(((entry & ~COMPRESSED) >> size_at) + 1) * DISK_SECTOR -
			    (uint32_t)(ret->at % DISK_SECTOR);
		ret->skip = (uint32_t)(at & mask);
		return true;
	}
	ret->is_hole = !(entry & OFFSET) || entry & 1;
	ret->at = (entry & OFFSET) + (at & mask);
	return true;
}

const struct disk_image_kind disk_image_qcow2 = {"qcow2", open_qcow2, find_qcow2};
