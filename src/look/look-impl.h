/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share. */
#ifndef WHERRY_LOOK_LOOK_IMPL_H
#define WHERRY_LOOK_LOOK_IMPL_H

#include "archive/fill.h"
#include "base/bytes.h"
#include "look/look.h"
#include "look/places.h"

/* What becomes of an item in the tree of the OS. */
enum look_role {
	LOOK_HOLDS,  /* nothing: what is in it are items of their own */
	LOOK_INITRD, /* the OS, if nothing else is; else a file of boot/ */
	LOOK_ROOT,   /* the OS */
	LOOK_BOOT,   /* a file of boot/ */
};

struct look_thing;
struct look_kind {
	const char *name;
	enum look_role role;
	/* Does it look like one? NULL: that can't be told from its bytes. */
	bool (*is)(struct bytes *b);
	/* Find what is in it; NULL: it is left as it is. */
	int (*open)(struct look *l, struct look_thing *t, struct werr **err);
	/* Of a LOOK_ROOT: visit its files. */
	int (*read)(struct bytes *b, fill_visit *visit, void *ctx, struct werr **err);
};

struct look_thing {
	struct look_item item; /* first; its kind is kind->name */
	const struct look_kind *kind;
	enum look_role role; /* the kind's, unless it was found to be another one */
	char *boot_name;     /* in boot/; owned */
	struct bytes *bytes; /* owned */
};

struct look {
	struct look_thing **things;
	size_t n, cap;
	int *fds; /* that are closed with it */
	size_t n_fds, cap_fds;
	struct tree **trees; /* which have the bytes of what was unpacked */
	size_t n_trees, cap_trees;
	bool is_images;
	struct store *store;         /* or NULL */
	struct look_sources sources; /* of what was loaded without contents */
};

extern const struct look_kind look_kind_kernel, look_kind_cmdline, look_kind_file, look_kind_tar,
	look_kind_initrd, look_kind_iso, look_kind_partitions;

struct look_name {
	const char *name;      /* of the item */
	const char *boot_name; /* in boot/; NULL: the same */
	unsigned depth;
};
/*
 * Add a thing with its bytes, which are taken over, and what is in it. kind NULL: what its bytes
 * look like, and a plain file if they look like nothing.
 */
int look_add(struct look *l, const struct look_name *name, const struct look_kind *kind,
	struct bytes *bytes, struct werr **err);
/* The kind that bytes look like; NULL: none. */
const struct look_kind *look_detect(struct bytes *b);
/* A tree of l's own, with a spool if contents are wanted. */
int look_new_tree(struct look *l, bool with_contents, struct tree **ret, struct werr **err);
/* A file of a tree with contents; the tree is l's. */
struct bytes *look_file_bytes(const struct tree *t, const struct tree_node *n);
/* Names in a directory, or at the root of a tar, that mean a kind: "initrd.img". NULL: none. */
const struct look_kind *look_kind_by_name(const char *name);

/*
 * initrd.c: a unit of at most `size` bytes from `at` on. It is the same for the same bytes: each
 * entry has its number.
 */
int look_read_unit(struct bytes *b, uint64_t at, uint64_t size, fill_visit *visit, void *ctx,
	struct werr **err);

/* tars.c: a tar, compressed or not. */
int look_open_tar(struct look *l, struct look_thing *t, struct werr **err);
bool look_is_tar(struct bytes *b);
int look_put_tar(struct bytes *b, struct tree *to, struct werr **err);

/* disks.c */
bool look_is_disk(struct bytes *b);
int look_open_disk(struct look *l, struct look_thing *t, struct werr **err);

#endif
