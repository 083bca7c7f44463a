/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a tree is written as: one interface, a writer for each format behind it. An archive is
 * finished with finish() and released with free(), finished or not.
 */
#ifndef WHERRY_ARCHIVE_ARCHIVE_H
#define WHERRY_ARCHIVE_ARCHIVE_H

#include "tree/tree.h"

/* One name in an archive. */
struct archive_member {
	const char *path; /* without a leading slash */
	const struct tree_meta *meta;
	const char *target; /* symlink */
	uint64_t size;      /* regular file */
	uint64_t file_id; /* not 0: one of `links` (> 1) names of the same file, which is what equal
			     ids mean */
	uint32_t links;
	const struct tree_meta
		*link_meta; /* NULL; or what a hard link says of itself where that has no effect */
	const char *source,
		*location; /* NULL, or LinuxKit's PAX records: the image, the place in the YAML */
};

struct archiver {
	/*
	 * Add a name; content (not owned; NULL unless a regular file) must have `size` bytes.
	 * Leading folders must have been added. Of names that share a file, each comes with its
	 * content, and the writer takes those it needs.
	 */
	int (*add)(struct archiver *w, const struct archive_member *e, struct reader *content,
		struct werr **err);
	int (*finish)(struct archiver *w, struct werr **err);
	void (*free)(struct archiver *w);
	uint64_t file_ids; /* how many file_id were given out so far: they count from 1, for each
			      writer */
};
static inline void archiver_free(struct archiver *w)
{
	if (w)
		w->free(w);
}
DEFINE_CLEANUP(struct archiver *, archiver_free, archiver)

/*
 * newc cpio (the kernel's Documentation/driver-api/early-userspace/buffer-format.rst): ends with
 * TRAILER!!! and zeros to 512 bytes. Inode numbers count from 1. Hard links: nlink, and the bytes
 * with the last name; symlinks are never hard links. A time before 1970 or after 2106 becomes the
 * nearest that can be kept; xattrs can't be. WERR_UNSUPPORTED: a file of 4 GiB or more, and one of
 * the name that ends the archive. The kernel unpacks several of them, each compressed its own way,
 * laid end to end with zeros to 4 bytes in between. WERR_LIMIT: a path or target longer than 4095
 * bytes. finish is WERR_INVALID when names of a shared file did not come.
 */
struct archiver *archiver_new_cpio(struct writer *to); /* `to` is not owned, nor finished */
/*
 * POSIX.1-2001 pax, as little of it as each entry needs; ends with two blocks of zeros. Names that
 * are no UTF-8 are kept. WERR_UNSUPPORTED: sockets, xattrs with '=' in their name.
 */
struct archiver *archiver_new_tar(struct writer *to);

/* Where nodes come from, for LinuxKit's PAX records: the image as it was named, the place in the
 * YAML. */
struct archive_origin {
	const char *source, *location;
};

struct archive_tree_options {
	const char *prefix; /* where the tree's root goes: "" or "containers/services/x/rootfs" */
	const struct archive_origin
		*origins; /* by the nodes' origin, for the PAX records; NULL: none */
	struct tree_node
		*top;       /* NULL: the root; or the node to begin at, which counts as the root */
	bool explicit_only; /* without implied folders */
	bool with_root;     /* also the tree's root itself, as the folder `prefix` */
	/*
	 * Each name once, for tools that refuse or ignore a second one: of a file's names the first
	 * one counts as the file, whatever the layers said.
	 */
	bool once;
	/* NULL, or which are told elsewhere: they are left out, but not what is in them. */
	bool (*told)(const char *path, void *ctx);
	/* NULL, or which to leave out, by the path in the tree; a folder takes all in it along. */
	bool (*skip)(const char *path, void *ctx);
	void *ctx;
};
/*
 * Every node of a tree, in the order of tree_walk; but (unless `once` is set) of a file's names the
 * one that isn't a hard link comes first, and where that takes others out of their order, the
 * folders concerned come again, so that unpacking leaves them with their times. Can be interrupted.
 * Several trees, or one tree several times, can go into one writer: hard links are never taken for
 * those of another call.
 */
int archiver_add_tree(struct archiver *w, const struct tree *t,
	const struct archive_tree_options *o, struct werr **err);

#endif
