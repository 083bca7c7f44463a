/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the EROFS writer share. The format: Linux, fs/erofs/erofs_fs.h and
 * Documentation/filesystems/erofs.rst.
 */
#ifndef WHERRY_FS_EROFS_IMPL_H
#define WHERRY_FS_EROFS_IMPL_H

#include "fs/fs-impl.h"

/*
 * A physical cluster, the unit of compression, has up to 64 KiB: larger ones save ever less, while
 * a read of one page has to decompress all of its cluster, and the kernel sets a buffer of that
 * size aside for each processor.
 */
enum {
	EROFS_CLUSTER_BLOCKS = 16,
	EROFS_CLUSTER = EROFS_CLUSTER_BLOCKS * FS_BLOCK,
	EROFS_SEGMENT = 512 << 10
};

/* Two units for each run of a file: how long it is, and twice its blocks, plus 1 if it is plain. */
enum { EROFS_RUN_UNITS = 2, EROFS_PLAIN = 1 };
void *erofs_compressor_open(void); /* owned by the caller: free */
int erofs_compress(void *state, struct fs_segment *s, struct werr **err);
bool erofs_is_sound(const struct fs_file *f, const uint32_t *units); /* see fs-impl.h */

/* i_format: bit 0 is the long form of an inode, the next ones tell where the data is. */
enum { EROFS_EXTENDED = 1, EROFS_SMALL = 32, EROFS_LARGE = 64 };
enum erofs_data {
	EROFS_FLAT = 0,
	EROFS_FULL_INDEX = 1, /* compressed, with 8 bytes of index for each block */
	EROFS_INLINE = 2      /* the last, incomplete block follows the inode */
};

enum { EROFS_NULL_BLOCK = 0xffffffff };

struct erofs_inode {
	const struct tree_node *node;
	struct fs_stored *stored; /* of a regular file that is not empty; else NULL */
	uint64_t at;              /* in the image */
	uint64_t size;            /* of the file, the target or the list of names */
	uint32_t form;            /* EROFS_SMALL or EROFS_LARGE: bytes */
	uint32_t xattrs;          /* bytes */
	uint32_t inlined;         /* bytes of data that follow them, or of the index */
	uint32_t block;           /* where the data begins that is not inlined */
	uint32_t links;
	enum erofs_data data;
	unsigned char *own; /* of a directory or a symlink: its blocks; or NULL */
};
static inline bool erofs_has_own_data(const struct erofs_inode *i)
{
	return S_ISDIR(i->node->meta.mode) || S_ISLNK(i->node->meta.mode);
}
/* How many blocks the data takes that is neither inlined nor a file's. */
static inline uint32_t erofs_own_blocks(const struct erofs_inode *i)
{
	uint64_t rest = i->size - (i->data == EROFS_INLINE ? i->inlined : 0);

	return erofs_has_own_data(i) ? (uint32_t)((rest + FS_BLOCK - 1) / FS_BLOCK) : 0;
}

/* All inodes, and where they are. */
struct erofs_node {
	const struct tree_node *node;
	uint32_t inode;
};
struct erofs {
	struct packed_image *image;
	struct erofs_inode *inodes; /* the root's first */
	size_t n, cap;
	struct erofs_node *nodes; /* sorted by pointer */
	size_t n_nodes, cap_nodes;
	uint64_t end;    /* of the inodes */
	uint64_t blocks; /* of the image */
	struct fs_placer to;
	struct sha256 *hash; /* of the metadata and of what the files have: the UUID */
	unsigned char *room; /* memory for metadata that is not used yet */
	size_t room_size;
};

/* Find all inodes, and give each its place. */
int erofs_place_inodes(struct erofs *e, struct werr **err);
uint32_t erofs_inode_of(const struct erofs *e, const struct tree_node *n);
/* The number that names refer to. */
static inline uint64_t erofs_nid(const struct erofs_inode *i)
{
	return i->at / EROFS_SMALL;
}

/* Extended attributes: how many bytes they take in an inode, and these bytes. */
bool erofs_holds_xattr(const char *name);
int erofs_xattrs_size(const struct tree_node *n, uint32_t *ret, struct werr **err);
void erofs_xattrs_put(const struct tree_node *n, unsigned char *to);

/* The list of names: its size, and its bytes. */
uint64_t erofs_names_size(const struct tree_node *dir);
void erofs_names_put(const struct erofs *e, const struct tree_node *dir, unsigned char *to);

/* Place the inodes, with what belongs to them, and the blocks of names and targets. */
int erofs_put_inodes(struct erofs *e, struct werr **err);
int erofs_put_files(struct erofs *e, struct werr **err);
/* An inode's index of a compressed file. */
void erofs_put_index(const struct erofs_inode *i, unsigned char *to);
uint32_t erofs_index_size(const struct fs_file *f);

#endif
