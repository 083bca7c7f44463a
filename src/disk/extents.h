/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as a list of extents: the contents of a disk, of a partition, or of a file on one. What no
 * extent covers is zeros and takes no space. All that an image of a disk consists of is laid out so
 * before its first byte is written, and put into one another: a file into a file system, that into
 * a partition.
 */
#ifndef WHERRY_DISK_EXTENTS_H
#define WHERRY_DISK_EXTENTS_H

#include "base/io.h"

/* A part of a file, or of memory. */
struct extent {
	uint64_t at, size;
	struct io_range range; /* unless bytes is set; the file is not owned */
	const void *bytes;     /* or NULL; not owned, but perhaps memory of extents_alloc */
};

/* {.size = n} is n zeros. */
struct extents {
	uint64_t size;        /* bytes */
	struct extent *items; /* sorted; they may touch, but do not overlap */
	size_t n, cap;
	void **memory; /* of extents_alloc */
	size_t n_memory, cap_memory;
};
void extents_cleanup(struct extents *d);

/*
 * Put bytes there, which must stay as they are until they are written; none is fine. WERR_LIMIT:
 * beyond the end; WERR_EXISTS: where another extent is.
 */
int extents_add_range(
	struct extents *d, uint64_t at, const struct io_range *range, struct werr **err);
int extents_add_bytes(
	struct extents *d, uint64_t at, const void *bytes, size_t size, struct werr **err);
/* Zeros that live as long as the extents do, or what they are moved to. Does not put them. */
void *extents_alloc(struct extents *d, size_t size);
/*
 * Put all of `from` there, which is empty afterwards. On failure it is as it was, but a part of it
 * may have been put.
 */
int extents_move(struct extents *d, uint64_t at, struct extents *from, struct werr **err);
/* The same without what `from` owns, which must outlive d. */
int extents_add(struct extents *d, uint64_t at, const struct extents *from, struct werr **err);

/* Read bytes; zeros beyond the end as well. WERR_CORRUPT: a range's file ends too early. */
int extents_read(const struct extents *d, uint64_t at, void *ret, size_t size, struct werr **err);
/*
 * Write the bytes from `from` to `to`, zeros beyond the end included; zeros are skipped (io.h).
 * WERR_CORRUPT: a range's file ends too early. Can be interrupted.
 */
int extents_write(
	const struct extents *d, uint64_t from, uint64_t to, struct writer *w, struct werr **err);

#endif
