/* SPDX-License-Identifier: Apache-2.0 */
/* Disks: what the files of machines' disks look like. */
#ifndef WHERRY_DISK_DISK_H
#define WHERRY_DISK_DISK_H

#include "disk/extents.h"

enum { DISK_SECTOR = 512, DISK_ID = 32 };

/* What a format needs to know besides the contents; all zero is fine. */
enum disk_compression { DISK_PLAIN, DISK_ZLIB, DISK_ZSTD };
/* Their names: "none", "zlib", "zstd"; NULL ends them. */
const char *const *disk_compression_names(void);
/* False: there is no such one. */
bool disk_compression_find(const char *name, enum disk_compression *ret);
struct disk_options {
	unsigned char id[DISK_ID]; /* what the format's own identifiers are made from: a digest */
	enum disk_compression compression; /* where the format has a choice */
	unsigned threads;                  /* that compress; 0: one for each processor */
	const char *name;                  /* of the machine, where a format has one; or NULL */
};

struct disk_format {
	const char *name; /* "raw", "qcow2" */
	uint64_t unit;    /* bytes; zeros fill a disk up to a multiple of it */
	bool is_plain;    /* the file has the disk's bytes, and nothing else */
	bool has_choice;  /* of compression: disk_options.compression means something */
	/*
	 * Write the file, forwards only; the same disk and options give the same bytes, whatever
	 * the number of threads. `to` is neither owned nor finished. WERR_LIMIT: a disk too large
	 * for the format; WERR_CORRUPT: a range's file ends too early. Can be interrupted.
	 */
	int (*write)(const struct extents *d, const struct disk_options *o, struct writer *to,
		struct werr **err);
};

extern const struct disk_format disk_raw;
/*
 * Version 3 (QEMU, docs/interop/qcow2.txt) with clusters of 64 KiB. A cluster that no extent
 * reaches into is not in the file. Compressed ones first go to an unnamed file, in
 * file_temp_parent(); what does not get smaller stays as it is, and zeros are left out.
 */
extern const struct disk_format disk_qcow2;
/*
 * VMware's, up to 2 TiB: monolithicSparse, which machines write to, and streamOptimized, which they
 * import. Its grains are compressed by zlib, and zeros are left out.
 */
extern const struct disk_format disk_vmdk, disk_stream_vmdk;
/* Virtual PC's, up to 2040 GiB: fixed, which Azure takes, and dynamic. Whole MiB. */
extern const struct disk_format disk_vhd, disk_dynamic_vhd;
/* Hyper-V's, up to 64 TiB, dynamic, with blocks of 1 MiB (to 1 TiB). Whole MiB. */
extern const struct disk_format disk_vhdx;

/* By its name; NULL: there is no such format here. */
const struct disk_format *disk_format_find(const char *name);

#endif
