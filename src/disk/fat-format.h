/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is where in a FAT: Microsoft, "FAT32 File System Specification" 1.03. All numbers are
 * little-endian.
 */
#ifndef WHERRY_DISK_FAT_FORMAT_H
#define WHERRY_DISK_FAT_FORMAT_H

/* Offsets in the boot sector; places and sizes are in sectors. */
enum {
	FAT_SECTOR_AT = 11,       /* 2 bytes: how many a sector has */
	FAT_CLUSTER_SIZE_AT = 13, /* 1 */
	FAT_RESERVED_AT = 14,     /* 2: before the first table */
	FAT_TABLES_AT = 16,       /* 1: how many there are */
	FAT_ROOT_RECORDS_AT = 17, /* 2: FAT12's and FAT16's root has room for so many */
	FAT_TOTAL_16_AT = 19,     /* 2: of all; 0: FAT_TOTAL_32_AT */
	FAT_MEDIA_AT = 21,        /* 1 */
	FAT_TABLE_16_AT = 22,     /* 2: of a table; 0: FAT_TABLE_32_AT */
	FAT_TRACK_AT = 24,        /* 2 */
	FAT_HEADS_AT = 26,        /* 2: how many there are */
	FAT_HIDDEN_AT = 28,       /* 4: of the disk before it */
	FAT_TOTAL_32_AT = 32,     /* 4 */
	FAT_VOLUME_16_AT = 36,    /* serial number, label and type, of FAT12 and FAT16 */
	FAT_CODE_16_AT = 62,
	FAT_TABLE_32_AT = 36,      /* 4; from here on of FAT32 */
	FAT_ROOT_CLUSTER_AT = 44,  /* 4 */
	FAT_INFO_SECTOR_AT = 48,   /* 2 */
	FAT_BACKUP_SECTOR_AT = 50, /* 2: of the boot sector */
	FAT_VOLUME_32_AT = 64,     /* as FAT_VOLUME_16_AT */
	FAT_CODE_32_AT = 90,
};

/* Offsets in a record of a directory, which begins with a short name. */
enum {
	FAT_ATTRIBUTES_AT = 11,   /* 1 byte */
	FAT_CLUSTER_HIGH_AT = 20, /* 2: of its first cluster; FAT32 */
	FAT_CLUSTER_LOW_AT = 26,  /* 2 */
	FAT_SIZE_AT = 28,         /* 4: bytes */
};
enum {
	FAT_RECORD = 32,    /* bytes of a directory's record */
	FAT_SHORT = 11,     /* bytes of a short name */
	FAT_DELETED = 0xe5, /* the first byte of a record that has no name any more */
};
enum fat_attribute {
	FAT_LABEL = 0x08,
	FAT_LONG = 0x0f, /* of a record with a part of a long name */
	FAT_DIRECTORY = 0x10,
	FAT_ARCHIVE = 0x20,
};

/* The number of clusters alone says which of the three kinds a FAT is: it has fewer than these. */
enum {
	FAT12_CLUSTERS = 4085,
	FAT16_CLUSTERS = 65525,
	FAT32_CLUSTERS = 0x0ffffff6,
	FAT32_MASK = 0x0fffffff, /* what counts of an entry of FAT32's table */
	FAT_FIRST_CLUSTER = 2,
};

#endif
