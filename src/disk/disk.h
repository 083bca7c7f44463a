/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Disks as lists of what is on them, and the files that they are kept in. What no extent covers is
 * zeros and takes no space.
 */
#ifndef WHERRY_DISK_DISK_H
#define WHERRY_DISK_DISK_H

#include "base/io.h"

enum { DISK_SECTOR = 512 };

/* Bytes of a disk: a part of a file, or of memory. */
struct extent {
	uint64_t at, size;
	struct io_range range; /* unless bytes is set; the file is not owned */
	const void *bytes;     /* or NULL; not owned */
};

/* {.size = n} is a disk of zeros. */
struct disk {
	uint64_t size;        /* bytes; the last sector of a disk that is written is a whole one */
	struct extent *items; /* sorted; none touches another */
	size_t n, cap;
};
void disk_cleanup(struct disk *d);

/*
 * Put bytes on the disk, which must stay as they are until it is written; none is fine. WERR_LIMIT:
 * beyond the end of the disk; WERR_EXISTS: where another extent is.
 */
int disk_add_range(struct disk *d, uint64_t at, const struct io_range *range, struct werr **err);
int disk_add_bytes(struct disk *d, uint64_t at, const void *bytes, size_t size, struct werr **err);

struct disk_format {
	const char *name; /* as QEMU calls it: "raw", "qcow2" */
	/*
	 * Write the file, forwards only; the same disk gives the same bytes. `to` is neither owned
	 * nor finished. WERR_LIMIT: a disk too large for the format; WERR_CORRUPT: a range's file
	 * ends too early. Can be interrupted.
	 */
	int (*write)(const struct disk *d, struct writer *to, struct werr **err);
};

extern const struct disk_format disk_raw;
/*
 * Version 3 (QEMU, docs/interop/qcow2.txt) with clusters of 64 KiB. A cluster that no extent
 * reaches into is not in the file.
 */
extern const struct disk_format disk_qcow2;

/* By its name; NULL: there is no such format here. */
const struct disk_format *disk_format_find(const char *name);

#endif
