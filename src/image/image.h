/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a tree is written as: one interface, a writer for each format behind it. An archive is finished with finish() and released with free(), finished or not.
 */
#ifndef WHERRY_IMAGE_IMAGE_H
#define WHERRY_IMAGE_IMAGE_H

#include "tree/tree.h"

/* One name in an archive. */
struct image_entry {
	const char *path; /* without a leading slash */
	const struct tree_meta *meta;
	const char *target; /* symlink */
	uint64_t size;      /* regular file */
	uint64_t
		file_id; /* not 0: one of `links` names of the same file; equal ids share their bytes */
	uint32_t links;
	const char *source,
		*location; /* NULL, or LinuxKit's PAX records: the image, the place in the YAML */
};

struct image_writer {
	/*
	 * Add a name; content (not owned; NULL unless a regular file) is read to its end. Leading folders must have been
	 * added. Of names that share a file, each comes with its content, and the writer takes those it needs.
	 */
	int (*add)(struct image_writer *w, const struct image_entry *e, struct reader *content,
		struct werr **err);
	int (*finish)(struct image_writer *w, struct werr **err);
	void (*free)(struct image_writer *w);
};
static inline void image_writer_free(struct image_writer *w)
{
	if (w)
		w->free(w);
}
DEFINE_CLEANUP(struct image_writer *, image_writer_free, image_writer)

/*
 * newc cpio (the kernel's Documentation/driver-api/early-userspace/buffer-format.rst): ends with TRAILER!!! and zeros to 512
 * bytes. Inode numbers count from 1. Hard links: nlink, and the bytes with the last name. A file of 4 GiB or more, a time before 1970
 * or after 2106 is WERR_UNSUPPORTED/clamped. xattrs can't be kept.
 */
struct image_writer *cpio_writer_new(struct writer *to); /* `to` is not owned, nor finished */
/* POSIX.1-2001 pax, as little of it as each entry needs; ends with two blocks of zeros. */
struct image_writer *tar_writer_new(struct writer *to);

struct image_tree_options {
	const char *prefix; /* where the tree's root goes: "" or "containers/services/x/rootfs" */
	const char *source, *location; /* for the PAX records, or NULL */
	bool with_root;                /* also the tree's root itself, as the folder `prefix` */
	bool (*skip)(const char *path,
		void *ctx); /* path in the tree; a folder that is skipped takes all with it */
	void *ctx;
};
/* Every node of a tree, in the order of tree_walk. Can be interrupted. */
int image_add_tree(struct image_writer *w, const struct tree *t, const struct image_tree_options *o,
	struct werr **err);

#endif
