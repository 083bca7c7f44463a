/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EROFS: a block with the superblock, inodes with what is small enough to be beside them, the
 * blocks of large directories, and the files' blocks.
 */
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "fs/erofs-impl.h"

enum {
	SUPER_AT = 1024,
	BLOCK_BITS = 12,
	CHECKSUM = 1,
	MTIME = 2,
	ZERO_PADDING = 1,
	COMPRESSION_SETTINGS = 2, /* and clusters of several blocks */
	LZ4 = 1,                  /* a bit of the algorithms that are in use */
	LZ4_DISTANCE = 65535,
	SETTINGS_AT = 128, /* behind the superblock */
	SETTINGS_SIZE = 14
};
#define MAGIC 0xe0f5e1e2U

/* CRC-32C (Castagnoli) without the inversion at the end. */
static uint32_t crc32c(const unsigned char *p, size_t size)
{
	uint32_t crc = 0xffffffffU;

	for (size_t i = 0; i < size; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0);
	}
	return crc;
}

/* Which blocks each has, in the order of the image. */
static int assign_blocks(struct erofs *e, struct werr **err)
{
	uint64_t next = (e->end + FS_BLOCK - 1) / FS_BLOCK;

	for (size_t i = 0; i < e->n; i++) {
		struct erofs_inode *inode = &e->inodes[i];

		inode->block = (uint32_t)next;
		next += erofs_own_blocks(inode);
		/* It has no room beside this inode. */
		if (inode->stored && inode->data == EROFS_FLAT)
			inode->stored->needs_tail = inode->stored->file->tail_size > 0;
	}
	for (size_t i = 0; i < e->image->n_stored; i++) {
		struct fs_stored *s = &e->image->stored[i];

		s->at = next;
		next += s->file->stored / FS_BLOCK + s->needs_tail;
	}
	if (next > EROFS_NULL_BLOCK)
		return werr_set(err, WERR_LIMIT, "it is more than erofs can hold, which is 16 TiB");
	for (size_t i = 0; i < e->n; i++)
		if (e->inodes[i].stored)
			e->inodes[i].block = (uint32_t)e->inodes[i].stored->at;
	e->blocks = next;
	return 0;
}

/* A UUID of RFC 9562's version 8: made of a digest. */
static void make_uuid(struct erofs *e, unsigned char ret[static 16])
{
	unsigned char digest[SHA256_SIZE];

	sha256_raw(e->hash, digest);
	memcpy(ret, digest, 16);
	ret[6] = (ret[6] & 0x0f) | 0x80;
	ret[8] = (ret[8] & 0x3f) | 0x80;
}

/* struct erofs_super_block, and behind it what LZ4's decompressor has to know. */
static void put_super(struct erofs *e, unsigned char *block)
{
	unsigned char *to = block + SUPER_AT;

	le32_put(to, MAGIC);
	le32_put(to + 8, CHECKSUM | MTIME);
	to[12] = BLOCK_BITS;
	le16_put(to + 14, (uint16_t)erofs_nid(&e->inodes[0]));
	le64_put(to + 16, e->n);
	le64_put(to + 24, e->image->time);
	le32_put(to + 36, (uint32_t)e->blocks);
	make_uuid(e, to + 48);
	le32_put(to + 80, ZERO_PADDING | COMPRESSION_SETTINGS);
	le16_put(to + 84, LZ4);
	le16_put(to + SETTINGS_AT, SETTINGS_SIZE);
	le16_put(to + SETTINGS_AT + 2, LZ4_DISTANCE);
	le16_put(to + SETTINGS_AT + 4, EROFS_CLUSTER_BLOCKS);
	le32_put(to + 4, crc32c(to, FS_BLOCK - SUPER_AT));
}

static int put_all(struct erofs *e, struct werr **err)
{
	unsigned char *super = extents_alloc(e->to.to, FS_BLOCK);
	int r = fs_place_bytes(&e->to, super, FS_BLOCK, err);

	if (r == 0)
		r = erofs_put_inodes(e, err);
	if (r == 0)
		r = erofs_put_files(e, err);
	/* Its extent refers to it already. */
	put_super(e, super);
	return r == 0 ? fs_place_end(&e->to, err) : r;
}

static int lay_out(struct packed_image *i, struct extents *ret, struct werr **err)
{
	struct erofs e = {.image = i, .to.to = ret, .hash = sha256_new()};
	int r = erofs_place_inodes(&e, err);

	if (r == 0)
		r = assign_blocks(&e, err);
	if (r == 0)
		r = put_all(&e, err);
	sha256_free(e.hash);
	free(e.inodes);
	free(e.nodes);
	return r;
}

const struct packed_format packed_erofs = {
	.name = "erofs",
	.holds_xattr = erofs_holds_xattr,
	.segment = EROFS_SEGMENT,
	.open = erofs_compressor_open,
	.close = free,
	.compress = erofs_compress,
	.is_sound = erofs_is_sound,
	.lay_out = lay_out,
};
