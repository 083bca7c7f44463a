/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FAT16 and FAT32 file systems with long names (Microsoft, "FAT32 File System Specification" 1.03):
 * laid out so that each file is in one piece. The type follows from the number of clusters, of
 * which there are never so many that programs disagree, or so few that it would be FAT12.
 */
#ifndef WHERRY_DISK_FAT_H
#define WHERRY_DISK_FAT_H

#include "disk/disk.h"

#define FAT_FILE_MAX ((uint64_t)UINT32_MAX)
enum { FAT_FILES_MAX = 10000, FAT_LABEL_MAX = 11 };

struct fat_file {
	const char *path;       /* "EFI/BOOT/BOOTX64.EFI"; the directories above it are made */
	struct extents content; /* until fat_place only its size counts */
	uint64_t at;            /* where its first byte is in the file system: fat_place */
};

/* What lies where, in sectors unless said otherwise. */
struct fat_shape {
	unsigned bits;       /* 16 or 32, of an entry of the tables */
	uint32_t cluster;    /* bytes */
	uint64_t n_clusters; /* the first is called 2 */
	uint64_t reserved;   /* before the first table */
	uint64_t table;      /* each of the two */
	uint64_t root;       /* FAT16's root directory, behind them */
	uint64_t data;       /* where clusters begin */
	uint64_t total;
};

struct fat {
	struct fat_file *files; /* their contents lie in this order */
	size_t n;
	const char *label; /* upper-case ASCII, at most FAT_LABEL_MAX */
	uint32_t serial;
	int64_t time;           /* of all that is in it */
	uint64_t hidden;        /* bytes of the disk before it; fat_place does without */
	uint64_t size;          /* bytes; 0: as few as can be, which fat_place sets */
	bool has_no_free_room;  /* with size 0: not even the little that is left free otherwise */
	struct fat_shape shape; /* fat_place */
};

/*
 * Find out where the files will be, and the size. WERR_LIMIT: a file of more than FAT_FILE_MAX
 * bytes, too many files, or more than fit; WERR_INVALID: a name that FAT can't hold, or that is not
 * UTF-8; WERR_EXISTS: two files of one name, whatever its case.
 */
int fat_place(struct fat *f, struct werr **err);
/*
 * Lay it out into *ret, an empty one, as fat_place (which was called) says; moves the contents of
 * the files there.
 */
int fat_put(struct fat *f, struct extents *ret, struct werr **err);

#endif
