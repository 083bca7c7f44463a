/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ISO 9660 (ECMA-119), the file system of CDs, with Rock Ridge (SUSP and RRIP 1.12: IEEE P1281 and
 * P1282), which adds what POSIX has: laid out on a disk that a format (disk.h) writes.
 *
 * Directories may be deeper than the eight levels of ECMA-119, 6.8.2.1, which no system of today
 * asks for: nothing is moved to another place. Readers without Rock Ridge see names in upper case,
 * of at most 30 characters. Times are whole seconds; one before 1900 or after 2155 becomes the
 * nearest that can be kept. There are no extended attributes.
 */
#ifndef WHERRY_DISK_ISO9660_H
#define WHERRY_DISK_ISO9660_H

#include "disk/extents.h"

enum { ISO_SECTOR = 2048, ISO_VOLUME_MAX = 32, ISO_ID_MAX = 31 };

/* What a regular file has, or what all names of any other file share. */
struct iso_file {
	struct extent data; /* `at` is not used */
	uint32_t sector;    /* where it is: set by iso_layout */
	uint32_t serial;    /* private */
};

struct iso_meta {
	uint32_t mode; /* type (S_IFMT) and permissions */
	uint32_t uid, gid;
	uint32_t links;        /* how many names the file has; a directory's are counted here */
	uint32_t major, minor; /* of a device */
	int64_t time;          /* seconds since 1970 */
};

struct iso_node;
struct iso_dir {
	struct iso_node *parent;    /* the root's is itself */
	struct iso_node **children; /* in any order, until they are laid out */
	size_t n, cap;
	/* The rest is private. */
	uint32_t sector, number;
	uint64_t size;
};

struct iso_node {
	const char *name; /* at most 255 bytes; not owned */
	struct iso_meta meta;
	const char *target; /* of a symlink; not owned */
	/* Of a regular file, or another one that has several names; not owned. NULL: it is empty.
	 */
	struct iso_file *file;
	struct iso_dir *dir; /* of a directory */
	/* The rest is private. */
	uint32_t serial;
	char id[ISO_ID_MAX + 1];
};

/* A directory without a name and a parent. */
struct iso_node *iso_node_new_root(const struct iso_meta *m);
/* Add a name to a directory; mode says whether it becomes a directory, too. */
struct iso_node *iso_node_add(struct iso_node *dir, const char *name, const struct iso_meta *m);
void iso_node_free(struct iso_node *root);
DEFINE_CLEANUP(struct iso_node *, iso_node_free, iso_node)

struct iso_options {
	const char *volume; /* its name: letters, digits and '_', at most ISO_VOLUME_MAX */
	int64_t time;       /* of the volume */
	bool with_boot;     /* also a directory /boot, for what iso-boot.h adds */
};

/* What is not the extents' own is in their memory, and may be changed until they are written. */
struct iso_image {
	struct extents extents; /* whole sectors; none before the head */
	unsigned char *head;    /* the volume's descriptor, and the two sectors behind it */
	unsigned char *boot;    /* the sectors of /boot and /boot/grub; NULL: it has none */
	uint32_t boot_sector;   /* where they are */
};
void iso_image_cleanup(struct iso_image *i);

/*
 * Lay out all that is below the root. The same gives the same bytes. The image refers to the bytes
 * of the files. WERR_INVALID: the volume can't have this name; WERR_EXISTS: two names in a
 * directory are the same; WERR_LIMIT: more than 8 TiB.
 */
int iso_layout(struct iso_node *root, const struct iso_options *o, struct iso_image *ret,
	struct werr **err);

#endif
