/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the packer share. */
#ifndef WHERRY_FS_PACK_IMPL_H
#define WHERRY_FS_PACK_IMPL_H

#include "fs/fs-impl.h"

enum { PACK_TAILS = 128 << 10 }; /* bytes of a block of tails */

struct packer {
	const struct packed_format *format;
	const struct packed_options *options;
	struct writer *to;
	uint64_t at; /* bytes written */
	int memo_fd;
	struct fs_packed packed;
	uint32_t *table; /* files by digest: indexes + 1 */
	size_t table_size;
	struct sha256 *hash; /* of the file that is being written, when it has several segments */
	/* Segments that are not compressed yet. */
	unsigned char *in, *out;
	size_t used;
	struct fs_segment *segments;
	size_t n_segments, cap_segments;
	/* Tails. */
	unsigned char *fill; /* the block that is being filled; or NULL */
	uint32_t filled;
	size_t n_shared;           /* blocks that are complete */
	struct fs_segment *blocks; /* of these; each owns its memory until it is written */
	size_t first_block, n_ready, n_blocks, cap_blocks; /* not written, compressed, all */
	struct fs_compressors *compressors, *own;          /* own: unless there is a memo */
};

/* Put a segment's results where they belong (pack-order.c). */
int packer_put(struct packer *p, struct fs_segment *s, struct werr **err);
/* Write the blocks of tails that are compressed. */
int packer_put_blocks(struct packer *p, struct werr **err);
/* No more tails. */
void packer_close_block(struct packer *p);

#endif
