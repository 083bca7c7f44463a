/* SPDX-License-Identifier: Apache-2.0 */
/* Disks: what the files of machines' disks look like. */
#ifndef WHERRY_DISK_DISK_H
#define WHERRY_DISK_DISK_H

#include "disk/extents.h"

enum { DISK_SECTOR = 512 };

struct disk_format {
	const char *name; /* as QEMU calls it: "raw", "qcow2" */
	/*
	 * Write the file, forwards only; the same disk gives the same bytes. `to` is neither owned
	 * nor finished. WERR_LIMIT: a disk too large for the format; WERR_CORRUPT: a range's file
	 * ends too early. Can be interrupted.
	 */
	int (*write)(const struct extents *d, struct writer *to, struct werr **err);
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
