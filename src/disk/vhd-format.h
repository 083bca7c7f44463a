/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is where in a VHD: Microsoft, Virtual Hard Disk Image Format Specification, 1.0. All numbers
 * are big-endian.
 */
#ifndef WHERRY_DISK_VHD_FORMAT_H
#define WHERRY_DISK_VHD_FORMAT_H

#include <stdint.h>

#define VHD_MAGIC        "conectix" /* of the footer, */
#define VHD_HEADER_MAGIC "cxsparse" /* and of the header that a dynamic disk has as well */

enum {
	VHD_MAGIC_SIZE = 8,
	VHD_FOOTER = 512,  /* bytes, at the end of the file */
	VHD_HEADER = 1024, /* bytes */
};

/* Offsets in the footer. */
enum {
	VHD_FEATURES_AT = 8,        /* 4 bytes */
	VHD_VERSION_AT = 12,        /* 4 */
	VHD_HEADER_AT = 16,         /* 8: where the header is */
	VHD_CREATOR_AT = 28,        /* 4: letters, */
	VHD_CREATOR_NUMBER_AT = 32, /* 4: its version, */
	VHD_CREATOR_SYSTEM_AT = 36, /* 4: letters */
	VHD_FIRST_SIZE_AT = 40,     /* 8: bytes of the disk when it was made, */
	VHD_SIZE_AT = 48,           /* 8: and now */
	VHD_GEOMETRY_AT = 56,       /* 4 */
	VHD_TYPE_AT = 60,           /* 4: enum vhd_type */
	VHD_CHECKSUM_AT = 64,       /* 4 */
	VHD_GUID_AT = 68,           /* 16 */
};
enum vhd_type { VHD_FIXED = 2, VHD_DYNAMIC = 3 };

/* Offsets in the header. */
enum {
	VHD_NEXT_AT = 8,             /* 8 bytes: nothing, all ones */
	VHD_TABLE_AT = 16,           /* 8: where the table of blocks is */
	VHD_HEADER_VERSION_AT = 24,  /* 4 */
	VHD_ENTRIES_AT = 28,         /* 4: of the table */
	VHD_BLOCK_AT = 32,           /* 4: bytes of a block */
	VHD_HEADER_CHECKSUM_AT = 36, /* 4 */
};
#define VHD_NO_BLOCK UINT32_MAX /* an entry; others are sectors */

#endif
