/* SPDX-License-Identifier: Apache-2.0 */
/* File systems: a tree written as the image of a read-only disk. */
#ifndef WHERRY_FS_FS_H
#define WHERRY_FS_FS_H

#include "tree/tree.h"

struct fs_options {
	const char *scratch_dir; /* for an unnamed file as large as the image, while it is made */
	unsigned threads;        /* that compress; 0: one for each processor */
	uint32_t time;           /* of the file system itself: seconds since 1970 */
	struct writer *watch;    /* NULL, or gets the bytes of all files as they are packed */
};

struct fs_format {
	const char *name; /* "iso9660" */
	/* Can it hold an extended attribute of this name? If not, `write` leaves it out. */
	bool (*holds_xattr)(const char *name);
	/*
	 * Write the whole tree, its root included. The bytes depend on the tree, `time` and the
	 * version of the library only, not on the number of threads. What the format can't hold is
	 * WERR_UNSUPPORTED or WERR_LIMIT, with the path; a full scratch_dir WERR_NO_SPACE. `to` is
	 * neither owned nor finished. Can be interrupted.
	 */
	int (*write)(const struct tree *t, const struct fs_options *o, struct writer *to,
		struct werr **err);
};

/*
 * ISO 9660 with Rock Ridge (disk/iso9660.h), which nothing compresses. It has a directory /boot for
 * what a boot loader needs (disk/iso-boot.h), and nothing that the tree has there. There are no
 * extended attributes. To Linux, each name of a file is a file of its own, which takes its room
 * once. WERR_LIMIT: a name of more than 253 bytes, which Linux cuts off.
 */
extern const struct fs_format fs_iso9660;

#endif
