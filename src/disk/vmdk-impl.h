/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WHERRY_DISK_VMDK_IMPL_H
#define WHERRY_DISK_VMDK_IMPL_H

#include "disk/disk-impl.h"
#include "disk/vmdk-format.h"

/* In sectors, but for what is a number of bytes. */
enum {
	VMDK_GRAIN = 128,
	VMDK_GRAIN_BYTES = VMDK_GRAIN * DISK_SECTOR,
	VMDK_TABLE = VMDK_ENTRIES * 4 / DISK_SECTOR,
	VMDK_TEXT_AT = 1, /* the descriptor */
	VMDK_TEXT = 20,
	VMDK_HEAD = VMDK_TEXT_AT + VMDK_TEXT,
	VMDK_HEADER_BYTES = DISK_SECTOR,
};

enum vmdk_kind { VMDK_SPARSE, VMDK_STREAM };

/* Where things are, in sectors. */
struct vmdk_places {
	uint64_t sectors; /* of the disk */
	uint64_t spare, directory, grains;
};
/* The size; WERR_LIMIT when it does not fit. */
int vmdk_find_size(const struct extents *d, struct vmdk_places *ret, struct werr **err);
static inline uint64_t vmdk_count_tables(const struct vmdk_places *p)
{
	return disk_divide_up(p->sectors, VMDK_GRAIN * VMDK_ENTRIES);
}
void vmdk_make_header(enum vmdk_kind kind, const struct vmdk_places *p, unsigned char *ret);
/* Write the header and the descriptor: VMDK_HEAD sectors. */
int vmdk_write_head(enum vmdk_kind kind, const struct vmdk_places *p, const struct disk_options *o,
	struct writer *to, struct werr **err);

#endif
