/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries of foreign archives and file systems, and how a tree is filled with them: as if each was
 * unpacked over what is there. Later ones replace earlier ones, symlinks in a path are followed,
 * and nothing leads out of the tree.
 */
#ifndef WHERRY_ARCHIVE_FILL_H
#define WHERRY_ARCHIVE_FILL_H

#include "tree/tree.h"

struct fill_entry {
	const char *path; /* as it is written there */
	const char *target;
	const char *same_as; /* the path of an earlier name of this file; or NULL */
	struct tree_meta meta;
	uint64_t size;       /* of the content of a regular file */
	uint64_t file;       /* names with the same number are one file, when `links` is above 1 */
	uint32_t links;      /* how many */
	bool begins_archive; /* numbers of files that came before mean others */
};

/* content: of a regular file, which need not be read; NULL of anything else. */
typedef int fill_visit(
	const struct fill_entry *e, struct reader *content, void *ctx, struct werr **err);

struct fill;
/*
 * t must live longer. with_contents: copy the contents of files; else they have their sizes only,
 * and t needs no directory for a spool.
 */
struct fill *fill_new(struct tree *t, bool with_contents);
void fill_free(struct fill *f);
DEFINE_CLEANUP(struct fill *, fill_free, fill)
/* A fill_visit, of which ctx is the struct fill. */
int fill_add(const struct fill_entry *e, struct reader *content, void *ctx, struct werr **err);
/* The id of the tree_file that the last fill_add has put into the tree; 0: it has put none. */
uint64_t fill_last_file(const struct fill *f);

/* Entries for later, without their contents. {0} is the empty list. */
struct fill_list {
	struct fill_listed *items;
	size_t n, cap;
	uint64_t memory;
};
void fill_list_cleanup(struct fill_list *l);
/* A fill_visit, of which ctx is the struct fill_list. WERR_LIMIT: more than a tree can have. */
int fill_list_add(const struct fill_entry *e, struct reader *content, void *ctx, struct werr **err);
/* Visit them in the order in which they were added. */
int fill_list_visit(const struct fill_list *l, fill_visit *visit, void *ctx, struct werr **err);

#endif
