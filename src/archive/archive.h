/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives of file trees: one interface, with a writer for each format. An archive is completed by
 * finish(), and released by free() in any case.
 */
#ifndef WHERRY_ARCHIVE_ARCHIVE_H
#define WHERRY_ARCHIVE_ARCHIVE_H

#include "tree/tree.h"

/* A member: one name in an archive. */
struct archive_member {
	const char *path; /* no leading slash */
	const struct tree_meta *meta;
	const char *target; /* symlink */
	uint64_t size;      /* regular file */
	uint64_t
		file_id; /* not 0: members with equal ids are the `links` (> 1) names of one file */
	uint32_t links;
	const struct tree_meta
		*link_meta; /* NULL; or a hard link's own metadata, which has no effect */
	const char *source,
		*location; /* NULL; or LinuxKit's PAX records: image, place in the YAML */
};

struct archiver {
	/*
	 * Add a member. content (not owned; NULL unless it is a regular file) must have `size`
	 * bytes. Its directories must have been added before. Members that share a file each come
	 * with its content, and the writer takes those it needs.
	 */
	int (*add)(struct archiver *w, const struct archive_member *e, struct reader *content,
		struct werr **err);
	int (*finish)(struct archiver *w, struct werr **err);
	void (*free)(struct archiver *w);
	uint64_t file_ids; /* the last file_id that archiver_add_tree has used */
};
static inline void archiver_free(struct archiver *w)
{
	if (w)
		w->free(w);
}
DEFINE_CLEANUP(struct archiver *, archiver_free, archiver)

/*
 * newc cpio (the kernel's Documentation/driver-api/early-userspace/buffer-format.rst), which ends
 * with TRAILER!!! and zeros to 512 bytes. Inode numbers count from 1. Of hard links the last name
 * has the bytes; symlinks are never hard links. Times before 1970 or after 2106 become the nearest
 * possible; xattrs are dropped. The kernel unpacks several archives, each compressed in its own
 * way, laid end to end with zeros to 4 bytes in between. WERR_UNSUPPORTED: a file of 4 GiB or more,
 * or one with the name that ends the archive. WERR_LIMIT: a path or target of more than 4095 bytes.
 * finish fails with WERR_INVALID when a shared file lacks names.
 */
struct archiver *archiver_new_cpio(struct writer *to); /* `to` is neither owned nor finished */
/*
 * POSIX.1-2001 pax, with only the records that a member needs; ends with two blocks of zeros. Names
 * that are not UTF-8 are kept. WERR_UNSUPPORTED: sockets, xattrs with '=' in their name.
 */
struct archiver *archiver_new_tar(struct writer *to);

/* Where nodes come from, for LinuxKit's PAX records: the image's name, the place in the YAML. */
struct archive_origin {
	const char *source, *location;
};

struct archive_tree_options {
	const char *prefix; /* where the tree's root goes: "" or "containers/services/x/rootfs" */
	const struct archive_origin *origins; /* by the nodes' origin; NULL: no PAX records */
	struct tree_node *top;                /* the node that counts as the root; NULL: the root */
	bool explicit_only;                   /* leave out implied directories */
	bool with_root;                       /* also the root itself, as the directory `prefix` */
	/*
	 * Write each name once, for tools that refuse or ignore a second one: the first name of a
	 * file counts as the file, whatever the layers said.
	 */
	bool once;
	/* NULL; or leave out the names for which it is true, but not what is in them. */
	bool (*elsewhere)(const char *path, void *ctx);
	/* NULL; or leave out, by the path in the tree, nodes and all that is below them. */
	bool (*skip)(const char *path, void *ctx);
	void *ctx;
};
/*
 * Add every node of a tree, in the order of tree_walk. Hard links follow the name they link to,
 * unless `once` is set; directories whose order this changes are written again, so that their times
 * survive unpacking. Several trees, or one tree several times, can go into one archive: hard links
 * of different calls are never mixed up. Can be interrupted.
 */
int archiver_add_tree(struct archiver *w, const struct tree *t,
	const struct archive_tree_options *o, struct werr **err);

#endif
