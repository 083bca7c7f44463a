/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of src/tree share. */
#ifndef WHERRY_TREE_IMPL_H
#define WHERRY_TREE_IMPL_H

#include "tree/tree.h"

/* The bytes of all files, end to end, gathered into large writes. */
struct spool {
	int fd;        /* -1: bytes are only counted */
	char *dir;     /* for errors */
	uint64_t size; /* with what is held */
	char *buffer;
	size_t held;      /* in the buffer: the last bytes */
	bool hole_at_end; /* the file is shorter than size */
};
int spool_new(const char *dir, struct spool **ret, struct werr **err);
void spool_free(struct spool *s);
int spool_add(struct spool *s, const void *p, size_t size, struct werr **err);
/* All that comes from the reader. Can be interrupted. */
int spool_add_all(struct spool *s, struct reader *from, struct werr **err);
/* n zeros, which take no room on the disk. */
int spool_add_hole(struct spool *s, uint64_t n, struct werr **err);
/* What was added can be read from fd only after this. */
int spool_flush(struct spool *s, struct werr **err);

/* A child by its name of n bytes, or NULL. */
struct tree_node *tree_node_child(const struct tree_node *folder, const char *name, size_t n);
/* Into its place among the children: the name must not be there. */
void children_add(struct tree_node *folder, struct tree_node *child);
/* The husk of a child that has been removed, for use as a new one; or NULL. */
struct tree_node *children_revive(struct tree_node *folder, const char *name, size_t n);
/*
 * Take a child, which holds nothing any more, out of the folder. False: the folder keeps the husk,
 * and frees it later.
 */
bool children_drop(struct tree_node *folder, struct tree_node *child);
/* The same at once. */
void children_take(struct tree_node *folder, const struct tree_node *child);
/* Let `children` be all the folder's children, sorted. */
void tree_node_settle(struct tree_node *folder);
/* A new empty child, to be filled in; the name must not exist. */
int tree_node_add(struct tree *t, struct tree_node *folder, const char *name, size_t n,
	struct tree_node **ret, struct werr **err);
/*
 * Give the node other contents; takes over meta's xattrs and one reference of file, copies target.
 * Children stay if it is to be a folder.
 */
void tree_node_replace(struct tree *t, struct tree_node *n, struct tree_meta *meta,
	const char *target, struct tree_file *file);
/* Say that the name is a hard link, and what its entry said of it. */
void tree_node_set_link(struct tree *t, struct tree_node *n, const struct tree_meta *meta);
/* Take it out of its folder and free it with all below it. */
void tree_node_remove(struct tree *t, struct tree_node *n);
/* Free what is below, or the node and what is below, without the folder taking notice. */
void tree_node_free_children(struct tree *t, struct tree_node *n);
void tree_node_free(struct tree *t, struct tree_node *n);
static inline bool tree_node_is_folder(const struct tree_node *n)
{
	return S_ISDIR(n->meta.mode);
}

/* Bounds are checked; xattrs get sorted. */
int tree_meta_copy(struct tree_meta *dst, const struct tree_meta *src, struct werr **err);
void tree_meta_clear(struct tree_meta *m);
static inline void tree_meta_cleanup(struct tree_meta *m)
{
	tree_meta_clear(m);
}

struct tree_file *tree_file_new(struct tree *t); /* with one link */
void tree_file_unref(struct tree_file *f);
DEFINE_CLEANUP(struct tree_file *, tree_file_unref, tree_file)

/* Does it lead out of the tree by ".."? */
bool tree_path_escapes(const char *path);
/* As of path_clean, with an error for what is too long, or leads out. */
int tree_clean_path(const char *path, char **ret, struct werr **err);

/* Which symlinks a path is led through by: those that this layer has put, or all. */
enum follow { FOLLOW_LAYER, FOLLOW_ALL };
/*
 * The path that has no such symlink in it, and leads to the same. The tree is the root directory to
 * symlinks: absolute targets begin there, and ".." does not lead out of it. What is not there is
 * taken as it is written. whole: a symlink at the end is followed, too. WERR_CORRUPT: more than 40
 * symlinks; one that leads to something other than a directory where the path goes on or whole is
 * set; with FOLLOW_ALL also a file in the path.
 */
int tree_follow(const struct tree *t, const char *path, enum follow follow, bool whole, char **ret,
	struct werr **err);
/* The path for an error message, without control characters. Owned by the caller. */
char *layer_printable(const char *path);
/* What missing folders are like. */
extern const struct tree_meta tree_plain_folder;

/* tree_put with the bytes already in the spool: file (or NULL) is taken over, whatever the result.
 */
struct placement {
	const char *path;
	const struct tree_meta *meta;
	const char *target;
	struct tree_file *file;
	const struct tree_meta *dirs; /* NULL: 0755, 0:0, the node's own time */
};
int tree_place(
	struct tree *t, const struct placement *p, struct tree_node **ret, struct werr **err);

/* The same by tree_merge. */
int tree_merge_place(
	struct tree *t, const struct placement *p, struct tree_node **ret, struct werr **err);
/* The bytes of a regular file, into the spool; *ret stays as it is for anything else. */
int tree_store_content(struct tree *t, const struct tree_meta *meta, struct reader *content,
	struct tree_file **ret, struct werr **err);

/* Take out what lower layers put below the folder (opaque), or at and below the node (whiteout). */
void tree_hide_below(struct tree *t, struct tree_node *folder);
void tree_hide(struct tree *t, struct tree_node *n);

#endif
