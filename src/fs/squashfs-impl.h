/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the squashfs writer share. */
#ifndef WHERRY_FS_SQUASHFS_IMPL_H
#define WHERRY_FS_SQUASHFS_IMPL_H

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

#include "fs/fs-impl.h"

enum {
	SQUASHFS_BLOCK = 128 << 10,
	SQUASHFS_LEVEL = 6 /* of the higher ones 9 takes half as long again for 1 % */
};

/*
 * libsquashfs's view of an image: what comes before the files' bytes, and what comes behind them.
 * It has no access to these.
 */
struct scratch {
	sqfs_file_t file; /* first */
	unsigned char head[256];
	uint64_t head_size;
	uint64_t tables_at; /* 0: still at the head */
	unsigned char *tables;
	size_t n, cap;
};
void scratch_init(struct scratch *s);
void scratch_cleanup(struct scratch *s);

struct squashfs {
	struct packed_image *image;
	struct scratch scratch;
	sqfs_super_t super;
	sqfs_compressor_t *pack;
	sqfs_frag_table_t *fragments;
	sqfs_id_table_t *ids;
	sqfs_xattr_writer_t *xattrs;
	sqfs_meta_writer_t *inodes, *names;
	sqfs_dir_writer_t *directory;
};

/* An error of libsquashfs (0: none) as ours, with the node's path unless n is NULL. */
int squashfs_result(int code, const struct tree_node *n, struct werr **err);
/* See packed.h. */
bool squashfs_holds_xattr(const char *name);
/* Write the tables of inodes and names; all bytes of files must have their place. */
int squashfs_write_inodes(struct squashfs *s, struct werr **err);

#endif
