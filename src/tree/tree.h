/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A merged file tree. Names and metadata are kept in memory; the contents of files go to one
 * unnamed spool file, so that memory use does not grow with the images. Layers are untrusted: paths
 * are resolved by the tree itself, never by the host's file system.
 */
#ifndef WHERRY_TREE_TREE_H
#define WHERRY_TREE_TREE_H

#include <sys/stat.h>

#include "base/io.h"

/* Reaching one of these is WERR_LIMIT. */
enum {
	TREE_NODES_MAX = 4 << 20,
	TREE_DIR_ENTRIES_MAX = 512 << 10,
	TREE_PATH_MAX = 4095, /* bytes, and so at most 2048 directories deep */
	TREE_TARGET_MAX = 4095,
	TREE_XATTRS_MAX = 64,
	TREE_XATTR_SIZE_MAX = 64 << 10,
	TREE_MEMORY_MAX = 512 << 20 /* all nodes together: a guard against hostile layers */
};
#define TREE_SPOOL_MAX ((uint64_t)64 << 30) /* bytes of all files together */

struct tree_xattr {
	char *name; /* "security.capability" */
	void *value;
	size_t size;
};

struct tree_meta {
	uint32_t mode; /* type (S_IFMT) and permissions */
	uint32_t uid, gid;
	uint32_t major, minor; /* of a device */
	uint32_t mtime_nsec;
	int64_t mtime;             /* seconds */
	struct tree_xattr *xattrs; /* sorted by name */
	uint32_t n_xattrs;
};

/* The contents of a regular file, or what the hard links of any other kind of file share. */
struct tree_file {
	uint64_t offset, size; /* in the spool */
	uint64_t id;           /* unique in the tree; counts up from 1 in order of creation */
	uint32_t links;        /* names in the tree */
};

/*
 * Privileges that a program has no matter which user runs it (capabilities(7), "File
 * capabilities").
 */
#define TREE_XATTR_CAPABILITY "security.capability"
bool tree_meta_has_xattr(const struct tree_meta *m, const char *name);

struct tree_node {
	struct tree_node *parent; /* NULL for the root */
	struct tree_meta meta;    /* every hard link of a file has its own copy */
	char *target;             /* of a symlink */
	/*
	 * A regular file's contents. Any other file that is not a directory has one once it has
	 * several names.
	 */
	struct tree_file *file;
	/*
	 * Not NULL: the name was created as a hard link to another one. Holds the metadata of its
	 * own entry in the layer, without xattrs. It has no effect, since all names share the
	 * file's metadata, but an archive may record it again.
	 */
	struct tree_meta *link;
	/* Of a directory; sorted bytewise by name during a walk and after a layer. */
	struct tree_node **children;
	uint32_t n, cap;
	uint32_t origin; /* the tree's `origin` when the node was put or replaced */
	bool implied;    /* a directory without an entry of its own, made for what is in it */
	uint32_t layer;  /* how many layers were below the one that has put it there */
	/* The rest is private to tree/; for sorted and husks see children.c. */
	uint32_t cleared;
	uint32_t sorted, husks; /* how many children are sorted; how many have been removed */
	bool husk;              /* has been removed */
	char name[];            /* one component of a path; "" for the root */
};

struct tree {
	struct tree_node *root; /* always a directory */
	uint32_t origin; /* set by the caller: a number that says where new nodes come from */
	/* The rest is private to tree/. */
	struct spool *spool;
	uint64_t last_id;
	size_t nodes, memory;
	bool unsettled; /* the children of some directory are not sorted */
	uint32_t layer;
};

/*
 * spool_dir: where to create the unnamed file for the contents. With NULL, contents are discarded
 * and no file can be opened, for callers that need only names. The root starts as 0755, 0:0, time
 * 0.
 */
int tree_new(struct tree **ret, const char *spool_dir, struct werr **err);
void tree_free(struct tree *t);
DEFINE_CLEANUP(struct tree *, tree_free, tree)

/*
 * Apply a layer on top (image-spec layer.md, "Applying Changesets"): a tar, uncompressed or
 * compressed with gzip or zstd (detected from its first bytes), with whiteouts and opaque
 * directories, PAX and GNU long names, base-256 numbers, xattrs, hard links and devices. Reads
 * `layer` to its end, so that its digest is checked. name is for errors.
 *
 * WERR_CORRUPT or WERR_LIMIT: a decompression bomb (io_is_bomb, the holes of sparse files
 * included), a path that leads out of the tree by "..", a hard link to something that is not in the
 * tree, or more than the limits above.
 *
 * A path through a symlink of the same layer is resolved inside the tree; a symlink of a lower
 * layer is replaced by a directory, as overlayfs would show it. Whiteouts apply to lower layers
 * only, wherever in the layer they are. After a failure the only valid call is tree_free().
 */
int tree_apply_layer(struct tree *t, struct reader *layer, const char *name, struct werr **err);

/* The same for an archive compressed with anything that decompress_wide_reader_new() supports. */
int tree_apply_wide_layer(
	struct tree *t, struct reader *layer, const char *name, struct werr **err);

/* Find a node by its path inside the tree, without following symlinks; NULL when there is none. */
struct tree_node *tree_find(const struct tree *t, const char *path);
/* The same, following symlinks inside the tree, but not one at the end of the path. */
struct tree_node *tree_find_through(const struct tree *t, const char *path);
/*
 * The equivalent path without symlinks; it need not exist. whole: a symlink at the end is resolved,
 * too. Owned by the caller. WERR_CORRUPT: the path leads through a file, or too many symlinks.
 */
int tree_real_path(
	const struct tree *t, const char *path, bool whole, char **ret, struct werr **err);
/* Like tree_find, but following all symlinks (at most 40), never out of the tree. */
struct tree_node *tree_resolve(const struct tree *t, const char *path);
/*
 * Like tree_resolve, calling step for each node on the way, symlinks and what they lead to
 * included. A negative result of step ends the walk and is returned. *ret: NULL when the path does
 * not exist.
 */
typedef int tree_step(struct tree_node *n, void *ctx, struct werr **err);
int tree_trace(const struct tree *t, const char *path, tree_step *step, void *ctx,
	struct tree_node **ret, struct werr **err);
/* "usr/bin/x" without a leading slash, "" for the root; owned by the caller. */
char *tree_path(const struct tree_node *n);

/*
 * Add or replace a node. meta->mode includes the type; xattrs are copied and sorted. Missing parent
 * directories are created with the metadata `dirs` (NULL: 0755, 0:0, the node's own time). target:
 * of a symlink, else NULL; content: of a regular file (not owned; NULL: empty), else NULL. ret may
 * be NULL. A directory put over an existing one keeps its children. A failure changes nothing,
 * except that parent directories may have been created.
 */
int tree_put(struct tree *t, const char *path, const struct tree_meta *meta, const char *target,
	struct reader *content, const struct tree_meta *dirs, struct tree_node **ret,
	struct werr **err);
/*
 * The same without losing anything that is in the tree. A symlink in the path is followed inside
 * the tree; so is one at its end when a directory is put there. When a symlink replaces a
 * directory, the contents of the directory move to where the symlink leads; of two files with the
 * same path the one with the higher origin stays. *ret: NULL when that is not the new node.
 * WERR_INVALID: a file would replace a directory that is not empty. WERR_CORRUPT: the path leads
 * through a file, or through too many symlinks.
 */
int tree_merge(struct tree *t, const char *path, const struct tree_meta *meta, const char *target,
	struct reader *content, const struct tree_meta *dirs, struct tree_node **ret,
	struct werr **err);
/*
 * tree_merge for a regular file of which only the size is known: its bytes are zeros, and take no
 * space.
 */
int tree_merge_sized(struct tree *t, const char *path, const struct tree_meta *meta, uint64_t size,
	struct tree_node **ret, struct werr **err);
/*
 * Add another name for a node. Missing parent directories are created as 0755, 0:0, time 0.
 * WERR_CORRUPT: the node is a directory.
 */
int tree_link(struct tree *t, const char *path, struct tree_node *to, struct werr **err);
/* Remove a node, which must not be the root, and everything below it. */
void tree_remove(struct tree *t, struct tree_node *n);

/*
 * Read a regular file. The tree must outlive the reader. Several files may be read at once, also by
 * several threads.
 */
struct reader *tree_open_file(const struct tree *t, const struct tree_node *n);
/* The same as a range of a file descriptor that stays open as long as the tree lives. */
struct io_range tree_file_range(const struct tree *t, const struct tree_node *n);

/* Put all children into their order, as a walk does. */
void tree_settle(struct tree *t);
/*
 * Call visit for every node, starting at the root: a directory before its contents, children in
 * bytewise order of their names. path is as from tree_path. When visit returns TREE_WALK_SKIP, what
 * is below the node is skipped; any other result than 0 stops the walk and is returned. visit may
 * change metadata, but must not add or remove nodes.
 */
enum { TREE_WALK_SKIP = 1 };
typedef int tree_visit(struct tree_node *n, const char *path, void *ctx, struct werr **err);
int tree_walk(const struct tree *t, tree_visit *visit, void *ctx, struct werr **err);
/*
 * The same for a node and what is below it; path is relative to the node, and "" for the node
 * itself.
 */
int tree_walk_from(struct tree_node *top, tree_visit *visit, void *ctx, struct werr **err);

#endif
