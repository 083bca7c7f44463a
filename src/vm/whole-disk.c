/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/whole-disk.h"

#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/disk-image.h"
#include "disk/qcow2-format.h"
#include "disk/vmdk-format.h"

/* ---- qcow2 ---- */

enum { L1_LOOKED_AT = 1 << 16 }; /* entries: 32 TiB with the usual clusters */

struct qcow2 {
	const struct disk_image *image;
	unsigned bits;
	size_t step; /* from one entry to the next */
	unsigned char *table;
};

/* The last cluster may end early: what is behind its end are zeros. */
static bool has_clusters(const struct qcow2 *q, uint64_t table)
{
	const uint64_t packed = ((uint64_t)1 << qcow2_size_shift(q->bits)) - 1;
	size_t size = (size_t)1 << q->bits;

	if (!disk_image_bytes(q->image, table, q->table, size))
		return false;
	for (size_t i = 0; i < size; i += q->step) {
		uint64_t entry = be64_get(q->table + i);

		if ((entry & (entry & QCOW2_COMPRESSED ? packed : QCOW2_OFFSET)) >=
			q->image->length)
			return false;
	}
	return true;
}

static bool qcow2_is_whole(const struct disk_image *i)
{
	unsigned char header[QCOW2_HEADER], entry[8];
	struct qcow2 q = {.image = i};
	uint64_t l1, table, tables = 0;
	uint32_t n;
	bool whole = true;

	if (!disk_image_bytes(i, 0, header, sizeof(header)))
		return false;
	q.bits = be32_get(header + QCOW2_BITS_AT);
	if (q.bits < QCOW2_BITS_MIN || q.bits > QCOW2_BITS_MAX)
		return true;
	q.step = be32_get(header + QCOW2_VERSION_AT) >= 3 &&
				 be64_get(header + QCOW2_FEATURES_AT) & QCOW2_EXTENDED
			 ? 16
			 : 8;
	n = be32_get(header + QCOW2_L1_ENTRIES_AT);
	l1 = be64_get(header + QCOW2_L1_AT);
	q.table = mem_alloc((size_t)1 << q.bits);
	for (uint32_t k = 0; whole && k < n && k < L1_LOOKED_AT; k++) {
		whole = l1 <= i->length &&
			disk_image_bytes(i, l1 + (uint64_t)8 * k, entry, sizeof(entry));
		table = whole ? be64_get(entry) & QCOW2_OFFSET : 0;
		/* Each is another one, so there are not more than the file has room for. */
		whole = whole &&
			(!table || (++tables <= i->length >> q.bits && has_clusters(&q, table)));
	}
	free(q.table);
	return whole;
}

/* ---- vmdk ---- */

enum { TABLES_LOOKED_AT = 1 << 17 }; /* 4 TiB with the usual grains */

static bool has_grains(const struct disk_image *i, uint32_t table)
{
	unsigned char bytes[VMDK_ENTRIES * 4];

	if (!disk_image_bytes(i, (uint64_t)table * DISK_SECTOR, bytes, sizeof(bytes)))
		return false;
	for (size_t k = 0; k < sizeof(bytes); k += 4)
		if ((uint64_t)le32_get(bytes + k) * DISK_SECTOR >= i->length)
			return false;
	return true;
}

static bool vmdk_is_whole(const struct disk_image *i)
{
	unsigned char head[DISK_SECTOR], entry[4];
	uint64_t capacity, grain, directory, tables;

	if (!disk_image_bytes(i, 0, head, sizeof(head)))
		return false;
	if (le64_get(head + VMDK_DIRECTORY_AT) == VMDK_AT_END &&
		(i->length < VMDK_FOOTER ||
			!disk_image_bytes(i, i->length - VMDK_FOOTER, head, sizeof(head)) ||
			memcmp(head, VMDK_MAGIC, 4) != 0))
		return false;
	capacity = le64_get(head + VMDK_CAPACITY_AT);
	grain = le64_get(head + VMDK_GRAIN_SIZE_AT);
	directory = le64_get(head + VMDK_DIRECTORY_AT);
	if (!grain || grain > UINT32_MAX || directory > UINT32_MAX)
		return directory <= UINT32_MAX;
	tables = capacity / (grain * VMDK_ENTRIES) + (capacity % (grain * VMDK_ENTRIES) != 0);
	for (uint64_t k = 0; k < tables && k < TABLES_LOOKED_AT; k++) {
		if (!disk_image_bytes(i, directory * DISK_SECTOR + 4 * k, entry, sizeof(entry)))
			return false;
		if (le32_get(entry) && !has_grains(i, le32_get(entry)))
			return false;
	}
	return true;
}

bool vm_disk_is_whole(const char *format, int fd, uint64_t offset, uint64_t size)
{
	static const struct {
		const char *format;
		bool (*is_whole)(const struct disk_image *i);
	} kinds[] = {{"qcow2", qcow2_is_whole}, {"vmdk", vmdk_is_whole}};
	const struct disk_image i = {.fd = fd, .at = offset, .length = size};

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		if (str_eq(kinds[k].format, format))
			return kinds[k].is_whole(&i);
	return true;
}
