/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A merged file tree. Names and metadata are in memory; the bytes of files are in one unnamed spool
 * file, so that memory does not grow with the images. Layers are untrusted: the tree itself decides
 * what a path means, the host's file system never does.
 */
#ifndef WHERRY_TREE_TREE_H
#define WHERRY_TREE_TREE_H

#include <sys/stat.h>

#include "base/io.h"

/* Reaching one of these is WERR_LIMIT. */
enum {
	TREE_NODES_MAX = 4 << 20,
	TREE_FOLDER_MAX = 512 << 10, /* names in one folder */
	TREE_PATH_MAX = 4095,        /* bytes, and so at most 2048 folders deep */
	TREE_TARGET_MAX = 4095,
	TREE_XATTRS_MAX = 64,
	TREE_XATTR_SIZE_MAX = 64 << 10,
	TREE_MEMORY_MAX = 512 << 20 /* of all nodes together: a guard against hostile layers */
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

/* The bytes of a regular file (or what hard links of any kind share). */
struct tree_file {
	uint64_t offset, size; /* in the spool */
	uint64_t id;           /* unique in the tree, from 1, in order of creation */
	uint32_t links;        /* names in the tree */
};

/* The rights of a program whoever runs it (capabilities(7), "File capabilities"). */
#define TREE_XATTR_CAPABILITY "security.capability"
bool tree_meta_has_xattr(const struct tree_meta *m, const char *name);

struct tree_node {
	struct tree_node *parent; /* NULL for the root */
	struct tree_meta meta;    /* hard links hold the same meta each */
	char *target;             /* symlink */
	struct tree_file *file; /* regular file; and any other non-folder with more than one name */
	/*
	 * Not NULL: the name was made as a hard link to another one. What its entry in a layer said
	 * of it, without xattrs; of no effect, as all names have the file's meta, but an archive
	 * may tell it again.
	 */
	struct tree_meta *link;
	struct tree_node *
		*children; /* folder: sorted by name's bytes, for who walks, or after a layer */
	uint32_t n, cap;
	uint32_t origin; /* the tree's `origin` when the node was put or replaced */
	bool implied;    /* a folder that nothing has put there but what is in it */
	/* the rest is tree/'s own */
	uint32_t layer, cleared;
	uint32_t sorted,
		husks; /* see children.c: how many children are sorted; have been removed */
	bool husk;     /* has been removed */
	char name[];   /* one part of a path; "" for the root */
};

struct tree {
	struct tree_node *root; /* always a folder */
	uint32_t origin; /* set by the tree's maker: a number that says where nodes come from */
	/* the rest is tree/'s own */
	struct spool *spool;
	uint64_t last_id;
	size_t nodes, memory;
	bool unsettled; /* some folder's children are not sorted */
	uint32_t layer;
};

/*
 * spool_dir: where the unnamed file for the bytes is made; NULL: for who only looks at names, no
 * bytes are kept, and no file can be opened. The root begins as 0755, 0:0, time 0.
 */
int tree_new(struct tree **ret, const char *spool_dir, struct werr **err);
void tree_free(struct tree *t);
DEFINE_CLEANUP(struct tree *, tree_free, tree)

/*
 * Put a layer on top (image-spec layer.md, "Applying Changesets"): a tar, compressed by gzip or
 * zstd or not at all (found out from its first bytes), with whiteouts and opaque folders, PAX and
 * GNU long names, numbers in base 256, xattrs, hard links, devices. Reads to the end of `layer` (so
 * its digest gets checked). name is for errors. Refused (WERR_CORRUPT or WERR_LIMIT): bombs
 * (io_is_bomb, holes of sparse files included), paths that lead out by "..", a hard link to what is
 * not in the tree, more than the limits above. A path below a symlink of the same layer leads to
 * where that does, inside the tree; a symlink of a lower layer is replaced by a folder there, as
 * overlayfs shows it. Whiteouts concern lower layers only, wherever in the layer they stand. After
 * a failure the tree is good for tree_free() only.
 */
int tree_apply_layer(struct tree *t, struct reader *layer, const char *name, struct werr **err);

/*
 * The same for an archive that may be compressed in any way that decompress_wide_reader_new()
 * knows.
 */
int tree_apply_wide_layer(
	struct tree *t, struct reader *layer, const char *name, struct werr **err);

/* A node by its path inside the tree, without following symlinks; NULL when there is none. */
struct tree_node *tree_find(const struct tree *t, const char *path);
/* The same, following symlinks in the path inside the tree, but not one at its end. */
struct tree_node *tree_find_through(const struct tree *t, const char *path);
/*
 * The path that leads to the same without any symlink in it, also where nothing is there; whole:
 * also one at its end. Owned by the caller. WERR_CORRUPT: through a file, or too many symlinks.
 */
int tree_real_path(
	const struct tree *t, const char *path, bool whole, char **ret, struct werr **err);
/* The same, following all symlinks inside the tree (at most 40), never out of it. */
struct tree_node *tree_resolve(const struct tree *t, const char *path);
/*
 * The same, with a call of step for each node on the way: what the path's names are, symlinks and
 * what they lead to. A step that fails ends it. *ret: NULL when the path leads nowhere.
 */
typedef int tree_step(struct tree_node *n, void *ctx, struct werr **err);
int tree_trace(const struct tree *t, const char *path, tree_step *step, void *ctx,
	struct tree_node **ret, struct werr **err);
/* "usr/bin/x" without a leading slash, "" for the root; owned by the caller. */
char *tree_path(const struct tree_node *n);

/*
 * Add or replace (meta->mode has the type; xattrs are copied, and sorted). Missing leading folders
 * are made like `dirs` (NULL: 0755, 0:0, the node's own time). target: of a symlink; content: of a
 * regular file (not owned, NULL: empty); else NULL. *ret may be NULL. An existing folder stays,
 * with its children, when a folder is put there. A failure changes nothing, but may leave missing
 * folders behind.
 */
int tree_put(struct tree *t, const char *path, const struct tree_meta *meta, const char *target,
	struct reader *content, const struct tree_meta *dirs, struct tree_node **ret,
	struct werr **err);
/*
 * The same in a tree where nothing may get lost by it. A path below a symlink, and a folder in the
 * place of one, leads to where that does, inside the tree. Where a symlink takes the place of a
 * folder, what is in that goes to where the symlink leads; of two files that meet there the one of
 * the higher origin stays. *ret: NULL when that is another. WERR_INVALID: a file in the place of a
 * folder that isn't empty; WERR_CORRUPT: a path through a file, or through too many symlinks.
 */
int tree_merge(struct tree *t, const char *path, const struct tree_meta *meta, const char *target,
	struct reader *content, const struct tree_meta *dirs, struct tree_node **ret,
	struct werr **err);
/* A second name for a node that is no folder. Missing leading folders: 0755, 0:0, time 0. */
int tree_link(struct tree *t, const char *path, struct tree_node *to, struct werr **err);
/* Take a node and all below it out; the root can't be. */
void tree_remove(struct tree *t, struct tree_node *n);

/* The bytes of a regular file. The tree must outlive the reader. Several may be read at once, also
 * by several threads. */
struct reader *tree_open_file(const struct tree *t, const struct tree_node *n);
/* The same as a range of a file that is open as long as the tree lives. */
struct io_range tree_file_range(const struct tree *t, const struct tree_node *n);

/*
 * Call visit for every node, the root first, a folder before what is in it, children by their
 * names' bytes. path is as of tree_path. TREE_WALK_SKIP goes on without what is below the node; any
 * other result than 0 stops the walk and is returned. visit may change metadata but not add or
 * remove.
 */
enum { TREE_WALK_SKIP = 1 };
typedef int tree_visit(struct tree_node *n, const char *path, void *ctx, struct werr **err);
int tree_walk(const struct tree *t, tree_visit *visit, void *ctx, struct werr **err);
/* The same for a node and what is below it; path is "" for the node. */
int tree_walk_from(struct tree_node *top, tree_visit *visit, void *ctx, struct werr **err);

#endif
