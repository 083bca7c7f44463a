/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the EROFS reader share. */
#ifndef WHERRY_FS_EROFS_READ_IMPL_H
#define WHERRY_FS_EROFS_READ_IMPL_H

#include "base/bytes.h"

struct erofs_image {
	struct bytes *bytes;
	unsigned block_bits;
	uint64_t inodes; /* where they are counted from */
	uint32_t root;
};

/* An inode, as far as its data needs it. */
struct erofs_found {
	unsigned layout;
	uint64_t size;
	uint32_t block;  /* where its data begins */
	uint64_t behind; /* where the inode and its attributes end */
};

static inline uint64_t erofs_block_size(const struct erofs_image *e)
{
	return (uint64_t)1 << e->block_bits;
}

/*
 * The bytes of data that is not compressed; NULL: of another layout. They refer to the image's,
 * which must outlive them.
 */
struct bytes *erofs_plain_data(const struct erofs_image *e, const struct erofs_found *i);
/* A reader of any data; it fails where that is not known. The image must outlive it. */
struct reader *erofs_data_reader_new(const struct erofs_image *e, const struct erofs_found *i);

#endif
