/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations that the files of src/tree share. */
#ifndef WHERRY_TREE_IMPL_H
#define WHERRY_TREE_IMPL_H

#include "tree/tree.h"

/* The contents of all files, end to end, gathered into large writes. */
struct spool {
	int fd;        /* -1: bytes are only counted */
	char *dir;     /* for errors */
	uint64_t size; /* including what is held */
	char *buffer;
	size_t held;      /* bytes in the buffer: the last ones, not written yet */
	bool hole_at_end; /* the file is shorter than size */
};
int spool_new(const char *dir, struct spool **ret, struct werr **err);
void spool_free(struct spool *s);
int spool_add(struct spool *s, const void *p, size_t size, struct werr **err);
/* Add everything up to the reader's end. Can be interrupted. */
int spool_add_all(struct spool *s, struct reader *from, struct werr **err);
/* Add n zeros, which take up no space on disk. */
int spool_add_hole(struct spool *s, uint64_t n, struct werr **err);
/* To be called before what was added is read from fd. */
int spool_flush(struct spool *s, struct werr **err);

/* Find a child by its name of n bytes; NULL when there is none. */
struct tree_node *tree_node_child(const struct tree_node *dir, const char *name, size_t n);
/* Insert a child, whose name must not be present yet. */
void children_add(struct tree_node *dir, struct tree_node *child);
/* Find the husk of a removed child, to be reused as a new one; NULL when there is none. */
struct tree_node *children_revive(struct tree_node *dir, const char *name, size_t n);
/* Remove an emptied child. False: the directory keeps it as a husk, and frees it later. */
bool children_drop(struct tree_node *dir, struct tree_node *child);
/* Remove a child without leaving a husk. */
void children_take(struct tree_node *dir, const struct tree_node *child);
/* Make `children` complete and sorted, without husks. */
void tree_node_settle(struct tree_node *dir);
/* Add an empty child, to be filled in by the caller. The name must not be present yet. */
int tree_node_add(struct tree *t, struct tree_node *dir, const char *name, size_t n,
	struct tree_node **ret, struct werr **err);
/*
 * Replace a node's metadata and contents. Takes over meta's xattrs and one reference to file;
 * copies target. Children stay if the node is a directory afterwards.
 */
void tree_node_replace(struct tree *t, struct tree_node *n, struct tree_meta *meta,
	const char *target, struct tree_file *file);
/* Mark the name as a hard link, with the metadata of its own entry. */
void tree_node_set_link(struct tree *t, struct tree_node *n, const struct tree_meta *meta);
/* Remove a node from its directory and free it with everything below it. */
void tree_node_remove(struct tree *t, struct tree_node *n);
/* Free what is below a node, or also the node itself; its parent is not updated. */
void tree_node_free_children(struct tree *t, struct tree_node *n);
void tree_node_free(struct tree *t, struct tree_node *n);
static inline bool tree_node_is_dir(const struct tree_node *n)
{
	return S_ISDIR(n->meta.mode);
}

/* Copy metadata, with its xattrs sorted. WERR_LIMIT: too many xattrs, or too large ones. */
int tree_meta_copy(struct tree_meta *dst, const struct tree_meta *src, struct werr **err);
void tree_meta_clear(struct tree_meta *m);
static inline void tree_meta_cleanup(struct tree_meta *m)
{
	tree_meta_clear(m);
}

struct tree_file *tree_file_new(struct tree *t); /* with one link */
void tree_file_unref(struct tree_file *f);
DEFINE_CLEANUP(struct tree_file *, tree_file_unref, tree_file)

/* Whether the path leads out of the tree by "..". */
bool tree_path_escapes(const char *path);
/* path_clean with an error. WERR_LIMIT: too long; WERR_CORRUPT: leads out of the tree. */
int tree_clean_path(const char *path, char **ret, struct werr **err);

/* Which symlinks are followed: those that the current layer added, or all. */
enum follow { FOLLOW_LAYER, FOLLOW_ALL };
/*
 * The equivalent path without such symlinks; owned by the caller. Symlinks take the tree for the
 * root directory: absolute targets start there, and ".." does not lead out of it. Components that
 * do not exist are kept as written. whole: a symlink at the end is followed, too. WERR_CORRUPT:
 * more than 40 symlinks; a symlink to something other than a directory, where the path goes on or
 * whole is set; with FOLLOW_ALL also a file in the middle of the path.
 */
int tree_follow(const struct tree *t, const char *path, enum follow follow, bool whole, char **ret,
	struct werr **err);
/* The path for an error message, without control characters. Owned by the caller. */
char *layer_printable(const char *path);
/* The metadata of directories that no entry describes. */
extern const struct tree_meta tree_plain_dir;

/*
 * Like tree_put, with the contents already in the spool. The file (or NULL) is taken over, even
 * when the call fails.
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

/* The same with the rules of tree_merge. */
int tree_merge_place(
	struct tree *t, const struct placement *p, struct tree_node **ret, struct werr **err);
/* Copy the contents of a regular file to the spool. *ret is left alone for anything else. */
int tree_store_content(struct tree *t, const struct tree_meta *meta, struct reader *content,
	struct tree_file **ret, struct werr **err);

/*
 * Remove what lower layers put below the directory (opaque), or at and below the node (whiteout).
 */
void tree_hide_below(struct tree *t, struct tree_node *dir);
void tree_hide(struct tree *t, struct tree_node *n);

#endif
