/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the squashfs writer share. */
#ifndef WHERRY_FS_SQUASHFS_IMPL_H
#define WHERRY_FS_SQUASHFS_IMPL_H

#include <sqfs/block_processor.h>
#include <sqfs/block_writer.h>
#include <sqfs/compressor.h>
#include <sqfs/dir_writer.h>
#include <sqfs/error.h>
#include <sqfs/frag_table.h>
#include <sqfs/id_table.h>
#include <sqfs/inode.h>
#include <sqfs/io.h>
#include <sqfs/meta_writer.h>
#include <sqfs/super.h>
#include <sqfs/xattr.h>
#include <sqfs/xattr_writer.h>

#include "fs/fs.h"

/* libsquashfs's view of an unnamed file. */
struct scratch {
	sqfs_file_t file; /* first */
	int fd;
	const char *dir; /* for errors */
	uint64_t size;
	int errnum; /* why a call of it failed, or 0 */
};
int scratch_open(struct scratch *s, const char *dir, struct werr **err);
void scratch_cleanup(struct scratch *s);

/* Where the inode of a name is. */
struct place {
	sqfs_u64 ref;    /* in the inode table, once it is written */
	sqfs_u32 number; /* from 1; 0: it has none yet */
};

/* What the names of one tree_file share. */
struct inode_slot {
	uint64_t id;                 /* the tree_file's */
	sqfs_inode_generic_t *inode; /* a regular file's, from its bytes being added to `written` */
	struct place place;
	bool written;
};

struct squashfs {
	const struct tree *tree;
	const struct fs_options *options;
	struct scratch scratch;
	sqfs_super_t super;
	sqfs_compressor_t *pack, *unpack;
	sqfs_block_writer_t *blocks;
	sqfs_frag_table_t *fragments;
	sqfs_block_processor_t *data;
	sqfs_id_table_t *ids;
	sqfs_xattr_writer_t *xattrs;
	sqfs_meta_writer_t *inodes, *names;
	sqfs_dir_writer_t *directory;
	struct inode_slot *slots; /* sorted by id */
	size_t n_slots, cap_slots;
};

/* An error of libsquashfs (0: none) as ours, with the node's path unless n is NULL. */
int squashfs_result(struct squashfs *s, int code, const struct tree_node *n, struct werr **err);
/* The slot of a node with a file. */
struct inode_slot *squashfs_slot(const struct squashfs *s, const struct tree_node *n);
/* See fs.h. */
bool squashfs_holds_xattr(const char *name);
/* Write the tables of inodes and names; all bytes of files must have been added. */
int squashfs_write_inodes(struct squashfs *s, struct werr **err);

#endif
