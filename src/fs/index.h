/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index of a packed part: what is written behind the bytes of the files, and read again by the
 * same program. Numbers are little-endian, texts preceded by their size:
 *
 *     flags, prefix, names of `tree`, names of `files` if it has them, files, units, shared blocks
 *
 * followed by the size of all that, 64 bits, and INDEX_MAGIC.
 */
#ifndef WHERRY_FS_INDEX_H
#define WHERRY_FS_INDEX_H

#include "fs/fs-impl.h"

#define INDEX_MAGIC "WhPart01"
enum { INDEX_TRAILER = 16 };

enum { INDEX_WITH_ROOT = 1, INDEX_WITH_FILES = 2, INDEX_WITH_PREFIX = 4 };

/* A name begins with one of these. */
enum {
	INDEX_END, /* no more */
	INDEX_NODE,
	INDEX_IMPLIED, /* a directory without an entry of its own */
	INDEX_LINK     /* to a path that came before */
};

#endif
