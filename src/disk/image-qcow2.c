/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a qcow2: QEMU, docs/interop/qcow2.txt. */
#include <string.h>

#include "base/endian.h"
#include "disk/image-impl.h"
#include "disk/qcow2-format.h"

static bool open_qcow2(struct disk_image *i)
{
	unsigned char h[QCOW2_CODEC_AT + 1] = {0};
	uint32_t version;
	uint64_t features;

	if (!disk_image_bytes(i, 0, h, QCOW2_HEADER) || memcmp(h, QCOW2_MAGIC, 4) != 0)
		return false;
	version = be32_get(h + QCOW2_VERSION_AT);
	i->bits = be32_get(h + QCOW2_BITS_AT);
	if ((version != 2 && version != 3) || i->bits < QCOW2_BITS_MIN ||
		i->bits > QCOW2_BITS_MAX || be32_get(h + QCOW2_L1_ENTRIES_AT) == 0)
		return false;
	features = version == 3 ? be64_get(h + QCOW2_FEATURES_AT) : 0;
	i->step = features & QCOW2_EXTENDED ? 16 : 8;
	i->packing = DISK_DEFLATED;
	if (features & QCOW2_OTHER_CODEC && disk_image_bytes(i, 0, h, sizeof(h)) &&
		h[QCOW2_CODEC_AT])
		i->packing = DISK_ZSTANDARD;
	i->size = be64_get(h + QCOW2_DISK_SIZE_AT);
	i->table = be64_get(h + QCOW2_L1_AT);
	i->entries = be32_get(h + QCOW2_L1_ENTRIES_AT);
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
	unsigned size_at = qcow2_size_shift(i->bits);

	if (cluster / per_table >= i->entries ||
		!get_entry(i, i->table, cluster / per_table * 8, &entry))
		return false;
	if (!(entry & QCOW2_OFFSET)) {
		ret->is_hole = true;
		return true;
	}
	if (!get_entry(i, entry & QCOW2_OFFSET, cluster % per_table * i->step, &entry))
		return false;
	if (entry & QCOW2_COMPRESSED) {
		ret->packing = i->packing;
		ret->at = entry & (((uint64_t)1 << size_at) - 1);
		ret->size = (uint32_t)(((entry & ~QCOW2_COMPRESSED) >> size_at) + 1) * DISK_SECTOR -
			    (uint32_t)(ret->at % DISK_SECTOR);
		ret->skip = (uint32_t)(at & mask);
		return true;
	}
	ret->is_hole = !(entry & QCOW2_OFFSET) || entry & 1;
	ret->at = (entry & QCOW2_OFFSET) + (at & mask);
	return true;
}

const struct disk_image_kind disk_image_qcow2 = {"qcow2", open_qcow2, find_qcow2};
