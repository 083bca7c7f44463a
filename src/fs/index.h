/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index of a packed part: what is written behind the bytes of the files, and read again by the
 * same program. Numbers are little-endian, texts preceded by their size:
 *
 *     flags, prefix, names of `tree`, names of `files` if it has them, files, units, shared blocks
 *
 * followed by the segments that other parts may have, too, for packed_memo_add_part; by the sizes
 * of the index and of these, 64 bits each; and by INDEX_MAGIC.
 */
#ifndef WHERRY_FS_INDEX_H
#define WHERRY_FS_INDEX_H

#include "fs/fs-impl.h"

#define INDEX_MAGIC "WhPart02"
enum { INDEX_TRAILER = 24 };

enum { INDEX_WITH_ROOT = 1, INDEX_WITH_FILES = 2, INDEX_WITH_PREFIX = 4 };

/* A name begins with one of these. */
enum {
	INDEX_END, /* no more */
	INDEX_NODE,
	INDEX_IMPLIED, /* a directory without an entry of its own */
	INDEX_LINK     /* to a path that came before */
};

/* Where in a packed part everything is. */
struct index_places {
	uint64_t data; /* bytes of files, from 0 on; then the index, and behind it the segments */
	uint64_t index;
	uint64_t segments;
};
int index_places_read(const struct io_range *packed, struct index_places *ret, struct werr **err);
int index_set_corrupt(struct werr **err);

/* Add a segment that is at `at` of the packed part. */
void index_add_segment(struct buf *segments, const struct fs_segment *s, uint64_t at);

#endif
