/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking into outputs: what a file consists of (partitions, file systems, sections, archives), and
 * the OS that is in it, as one tree of files. Nothing in it is trusted, and nothing is written.
 */
#ifndef WHERRY_LOOK_LOOK_H
#define WHERRY_LOOK_LOOK_H

#include "tree/tree.h"

enum { LOOK_ITEMS_MAX = 100000, LOOK_DEPTH_MAX = 8 };

/* A thing that an output consists of, and what it is inside of. */
struct look_item {
	char *name;       /* "os-initrd.img", "partition 2 (root)", "EFI/BOOT/BOOTX64.EFI" */
	const char *kind; /* "squashfs", "unified kernel image"; never NULL */
	unsigned depth;   /* 0: a file of the output itself; 1: in the item above of depth 0 */
	uint64_t size;    /* bytes */
};

struct look;
/* How `open` finds what is at a path. */
enum look_found {
	LOOK_NOTHING, /* there is neither such a file nor files whose names begin so */
	LOOK_OUTPUT,
	LOOK_IMAGES, /* an archive or directory of container images, for the store to import */
};
/*
 * Find out what is at a path: a file, the directory of a format, or what the names of several files
 * begin with (contract/outputs.h). WERR_INVALID, with a hint, for a file of another kind; the
 * errors of the readers.
 */
int look_open(const char *path, enum look_found *ret_found, struct look **ret, struct werr **err);
void look_free(struct look *l);
DEFINE_CLEANUP(struct look *, look_free, look)

/*
 * Find the names in large archives of initrds in this store, which must live longer, and keep them
 * there (look/roster.h).
 */
struct store;
void look_use_store(struct look *l, struct store *s);

/* The items in their order: that which holds others before these. */
size_t look_count(const struct look *l);
const struct look_item *look_item(const struct look *l, size_t i);

/*
 * The OS's files as one tree: those of its root, and in boot/ the kernel, its command line and what
 * belongs to the boot loader; an initrd that finds its root on a disk is a file there, too.
 * spool_dir is as in tree_new: with NULL files have sizes, and no contents. The tree must not
 * outlive l.
 */
int look_load(struct look *l, const char *spool_dir, struct tree **ret, struct werr **err);

/*
 * Of nodes of the trees that were loaded last, without contents. look_is_same: they are known to
 * have the same bytes, because archives that they are from are the same; which takes a store.
 */
bool look_is_same(const struct look *a, const struct tree_node *x, const struct look *b,
	const struct tree_node *y);
/*
 * Ask for the SHA-256 of a regular file. False: where its bytes are is not known, and all contents
 * have to be loaded.
 */
bool look_want(struct look *l, const struct tree_node *n);
/* Find those that were asked for: each archive that has some of them is unpacked once. */
int look_hash_wanted(struct look *l, struct werr **err);
/* NULL: it was not asked for. */
const char *look_hash(const struct look *l, const struct tree_node *n);

/* Does the item hold files of the OS, but for boot/? */
bool look_is_os(const struct look *l, size_t i);
/* Has the OS extended attributes, if it has any? Only those in a tar are read. */
bool look_has_xattrs(const struct look *l);

/*
 * Add to each initrd the archives that it consists of, as items. It is unpacked for that, in
 * memory.
 */
int look_find_archives(struct look *l, struct werr **err);

/* ---- initrds ---- */

struct look_unit {
	const char *codec; /* or NULL: not compressed */
	uint64_t at, size; /* of the initrd */
};
struct bytes;
struct fill;
struct look_sources;
struct look_initrd_options {
	bool with_contents;
	struct store *store; /* that may know what is in large frames; or NULL */
	/* NULL, or without contents it gets where the bytes of the files are. */
	struct look_sources *sources;
};
/*
 * Unpack an initrd as the kernel does: archives, each compressed or not, end to end. Without
 * contents frames of zstd are read by several threads. units: NULL, or gets what it consists of;
 * owned by the caller. WERR_LIMIT: it is made to fill a disk.
 */
int look_initrd(struct bytes *b, struct fill *to, const struct look_initrd_options *o,
	struct look_unit **units, size_t *n_units, struct werr **err);

#endif
