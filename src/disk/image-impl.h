/* SPDX-License-Identifier: Apache-2.0 */
/* How a format of disks is read: disk-image.h. */
#ifndef WHERRY_DISK_IMAGE_IMPL_H
#define WHERRY_DISK_IMAGE_IMPL_H

#include "disk/disk-image.h"

enum disk_packing { DISK_NOT_PACKED, DISK_DEFLATED, DISK_DEFLATED_ZLIB, DISK_ZSTANDARD };

/* Where a sector is in the image. */
struct disk_place {
	bool is_hole;
	unsigned packing; /* enum disk_packing */
	uint64_t at;      /* of it, or of what it is packed in */
	uint32_t size;    /* of what it is packed in; bytes, at least */
	uint32_t skip;    /* to it, when that is unpacked */
};

struct disk_image_kind {
	const char *format;
	/* Set what the format has of its own, and the disk's size. False: it is no such image. */
	bool (*open)(struct disk_image *i);
	/* False: the image does not have it. */
	bool (*find)(const struct disk_image *i, uint64_t at, struct disk_place *ret);
};

extern const struct disk_image_kind disk_image_qcow2, disk_image_vmdk, disk_image_vhd,
	disk_image_vhdx;

#endif
