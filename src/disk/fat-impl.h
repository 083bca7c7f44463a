/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of a FAT, before anything is known about where they are. */
#ifndef WHERRY_DISK_FAT_IMPL_H
#define WHERRY_DISK_FAT_IMPL_H

#include "disk/fat-format.h"
#include "disk/fat.h"

enum {
	FAT_LONG_MAX = 255,      /* UTF-16 units of a long name */
	FAT_UNITS = 13,          /* of them in one record */
	FAT_RECORDS_MAX = 65520, /* of a directory: almost 2 MiB */
};

/* A name in a directory. */
struct fat_entry {
	size_t dir;       /* which has it */
	const char *name; /* a part of a file's path */
	size_t size;      /* its bytes */
	uint16_t *units;  /* as a long name; NULL: the short one is the same */
	size_t n_units;
	char short_name[FAT_SHORT]; /* in upper case, filled up with blanks, without the point */
	bool has_tail;              /* the short name is made up, and ends in ~N */
	struct fat_file *file;      /* or NULL: a directory */
	size_t child;               /* which one */
	size_t order;               /* of its coming, by which names are in a directory */
};

struct fat_dir {
	size_t parent;
	size_t n_records;
	uint32_t cluster; /* its first; 0: FAT16's root, which has none */
};

/* Directory 0 is the root; each comes after its parent. */
struct fat_tree {
	struct fat_entry *entries;
	size_t n_entries, cap_entries;
	struct fat_dir *dirs;
	size_t n_dirs, cap_dirs;
};
/* WERR_INVALID, WERR_EXISTS, WERR_LIMIT: see fat_place. */
int fat_tree_make(const struct fat *f, struct fat_tree *ret, struct werr **err);
void fat_tree_cleanup(struct fat_tree *t);

/* Make what a name is in a directory; size > 0. False: FAT can't hold it. */
bool fat_name_make(const char *name, size_t size, struct fat_entry *ret);
/* Give those that have one a tail, so that all short names of each directory differ. */
void fat_names_finish(struct fat_tree *t);
/* Whether FAT takes both for the same. */
bool fat_name_eq(const struct fat_entry *e, const char *name, size_t size);

/* How many records an entry takes: long names need several. */
size_t fat_records(const struct fat_entry *e);
/*
 * Write them; cluster: where the content begins, or 0; size: of a file. Returns what follows them.
 */
unsigned char *fat_put_entry(unsigned char *to, const struct fat_entry *e, uint32_t cluster,
	uint32_t size, int64_t time);
/* One record with a short name alone: ".", "..", or (with cluster 0) the label. */
unsigned char *fat_put_short(unsigned char *to, const char *name, unsigned char attributes,
	uint32_t cluster, uint32_t size, int64_t time);

/* WERR_LIMIT: see fat_place. */
int fat_shape_choose(
	const struct fat *f, const struct fat_tree *t, struct fat_shape *ret, struct werr **err);
/* So many clusters do bytes need. */
uint64_t fat_clusters(const struct fat_shape *s, uint64_t size);

#endif
