/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is where in a sparse vmdk: VMware, Virtual Disk Format 1.1. All numbers are little-endian;
 * sizes and places are in sectors.
 */
#ifndef WHERRY_DISK_VMDK_FORMAT_H
#define WHERRY_DISK_VMDK_FORMAT_H

#include <stdint.h>

#define VMDK_MAGIC "KDMV"

/* Offsets in the header, which is a sector. */
enum {
	VMDK_VERSION_AT = 4,        /* 4 bytes */
	VMDK_FLAGS_AT = 8,          /* 4 */
	VMDK_CAPACITY_AT = 12,      /* 8: of the disk */
	VMDK_GRAIN_SIZE_AT = 20,    /* 8 */
	VMDK_TEXT_PLACE_AT = 28,    /* 8: of the descriptor, */
	VMDK_TEXT_SIZE_AT = 36,     /* 8: which has so many sectors */
	VMDK_TABLE_ENTRIES_AT = 44, /* 4: of a grain table */
	VMDK_SPARE_AT = 48,         /* 8: the second grain directory, */
	VMDK_DIRECTORY_AT = 56,     /* 8: and the first one; or VMDK_AT_END */
	VMDK_GRAINS_AT = 64,        /* 8: the first grain, at the earliest */
	VMDK_LINES_AT = 73,         /* 4: ends of lines */
	VMDK_CODEC_AT = 77,         /* 2 */
};
#define VMDK_AT_END UINT64_MAX /* the footer says where: a header, VMDK_FOOTER before the end */

enum {
	VMDK_FOOTER = 1024, /* bytes: the footer, and the marker that ends a stream */
	VMDK_ENTRIES = 512, /* of a grain table, always */
};
enum vmdk_flag {
	VMDK_HAS_LINES = 1,
	VMDK_HAS_SPARE = 2,
	VMDK_PACKED = 1 << 16, /* grains are compressed, and say their size */
	VMDK_HAS_MARKERS = 1 << 17,
};

/* In front of a compressed grain. */
enum { VMDK_MARK_SIZE_AT = 8, VMDK_MARK = 12 };

#endif
