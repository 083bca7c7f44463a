/* SPDX-License-Identifier: Apache-2.0 */
/* What is where in a VHDX: Microsoft, MS-VHDX. All numbers are little-endian. */
#ifndef WHERRY_DISK_VHDX_FORMAT_H
#define WHERRY_DISK_VHDX_FORMAT_H

#define VHDX_MAGIC "vhdxfile"

enum {
	VHDX_MAGIC_SIZE = 8,
	VHDX_PART = 64 << 10,            /* bytes: each structure of the first MiB has one */
	VHDX_REGIONS_AT = 3 * VHDX_PART, /* 2.2.3: the table of regions */
	VHDX_REGIONS_HEAD = 16,          /* bytes before its entries */
	VHDX_METADATA_HEAD = 32,         /* 2.6.1.1: the same of the table of metadata */
	VHDX_ENTRY = 32,                 /* bytes of an entry of both: a GUID first */
	VHDX_GUID = 16,
	VHDX_STATE = 7,         /* 2.5.1: which bits of a block's entry are its state, */
	VHDX_PRESENT = 6,       /* that of a block that is there */
	VHDX_SECTORS_BITS = 23, /* a bitmap has 2 to the power of this: so many sectors */
};

typedef unsigned char vhdx_guid[VHDX_GUID];

/* Regions. */
static const vhdx_guid vhdx_table = {0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0x00, 0x42, 0x9d, 0x64,
	0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08};
static const vhdx_guid vhdx_metadata = {0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b, 0xb8, 0xfe,
	0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e};
/* Metadata: 4 bytes of a block's size first, 8 of the disk's, 4 of a sector's. */
static const vhdx_guid vhdx_parameters = {0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d, 0xb3,
	0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b};
static const vhdx_guid vhdx_disk_size = {0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48, 0xb2, 0x11,
	0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8};
static const vhdx_guid vhdx_sector_size = {0x1d, 0xbf, 0x41, 0x81, 0x6f, 0xa9, 0x09, 0x47, 0xba,
	0x47, 0xf2, 0x33, 0xa8, 0xfa, 0xab, 0x5f};

#endif
