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
struct tree_node *node_child(const struct tree_node *folder, const char *name, size_t n);
/* A new empty child, to be filled in; the name must not exist. */
int node_add(struct tree *t, struct tree_node *folder, const char *name, size_t n,
	struct tree_node **ret, struct werr **err);
/*
 * Give the node other contents; takes over meta's xattrs and one reference of file, copies target. Children stay if
 * it is to be a folder.
 */
void node_replace(struct tree *t, struct tree_node *n, struct tree_meta *meta, const char *target,
	struct tree_file *file);
/* Say that the name is a hard link, and what its entry said of it. */
void node_set_link(struct tree *t, struct tree_node *n, const struct tree_meta *meta);
/* Take it out of its folder and free it with all below it. */
void node_remove(struct tree *t, struct tree_node *n);
/* Free what is below, or the node and what is below, without the folder taking notice. */
void node_free_children(struct tree *t, struct tree_node *n);
void node_free(struct tree *t, struct tree_node *n);
static inline bool node_is_folder(const struct tree_node *n)
{
	return S_ISDIR(n->meta.mode);
}

/* Bounds are checked; xattrs get sorted. */
int meta_copy(struct tree_meta *dst, const struct tree_meta *src, struct werr **err);
void meta_clear(struct tree_meta *m);
static inline void tree_meta_cleanup(struct tree_meta *m)
{
	meta_clear(m);
}

struct tree_file *file_new(struct tree *t); /* with one link */
void file_unref(struct tree_file *f);
DEFINE_CLEANUP(struct tree_file *, file_unref, tree_file)

/* Has it a part ".."? */
bool tree_path_escapes(const char *path);
/* What missing folders are like. */
extern const struct tree_meta tree_plain_folder;

/* tree_put with the bytes already in the spool: file (or NULL) is taken over, whatever the result. */
struct placement {
	const char *path;
	const struct tree_meta *meta;
	const char *target;
	struct tree_file *file;
	const struct tree_meta *dirs; /* NULL: 0755, 0:0, the node's own time */
};
int tree_place(
	struct tree *t, const struct placement *p, struct tree_node **ret, struct werr **err);

/* Take out what lower layers put below the folder (opaque), or at and below the node (whiteout). */
void tree_hide_below(struct tree *t, struct tree_node *folder);
void tree_hide(struct tree *t, struct tree_node *n);

#endif
