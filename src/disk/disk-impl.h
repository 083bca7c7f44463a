/* SPDX-License-Identifier: Apache-2.0 */
/* What the formats of disks share. */
#ifndef WHERRY_DISK_DISK_IMPL_H
#define WHERRY_DISK_DISK_IMPL_H

#include <stdlib.h>

#include "disk/disk.h"

/* The size in whole units of bytes; WERR_LIMIT when a file can't be that large. */
int disk_whole_size(const struct extents *d, uint64_t unit, uint64_t *ret, struct werr **err);

static inline uint64_t disk_divide_up(uint64_t n, uint64_t by)
{
	return n / by + (n % by != 0);
}

/* 16 bytes for an identifier that comes from the content, different ones for each `which`. */
enum { DISK_GUID = 16 };
void disk_make_guid(const struct disk_options *o, unsigned char which, unsigned char *ret);

/* ---- which blocks of a disk are in the file: those that an extent reaches into ---- */

/* Blocks from first to before end. */
struct disk_run {
	uint64_t first, end;
};
struct disk_runs {
	struct disk_run *items; /* sorted; they do not touch */
	size_t n, cap;
	uint64_t block, blocks; /* bytes of a block; how many are in the file */
};
void disk_runs_find(const struct extents *d, uint64_t block, struct disk_runs *ret);
/* One more at the end; blocks come in their order. */
void disk_runs_add(struct disk_runs *r, uint64_t block);
static inline void disk_runs_cleanup(struct disk_runs *r)
{
	free(r->items);
}

/* Goes through the runs once, while tables are made in order. */
struct disk_cursor {
	const struct disk_runs *runs;
	size_t run;
	uint64_t next; /* what the next entry for a block is made from */
};
/* Is one of these blocks in the file? Later calls ask for later ones. */
bool disk_cursor_used(struct disk_cursor *c, uint64_t first, uint64_t end);

/*
 * Write a table of n entries of `size` bytes each: put(c, i, p) makes an entry of zeros to one.
 * Parts that are all zeros become holes. Can be interrupted.
 */
typedef void disk_entry(struct disk_cursor *c, uint64_t i, unsigned char *p);
int disk_write_table(struct disk_cursor c, disk_entry *put, uint64_t n, size_t size,
	struct writer *to, struct werr **err);

/* ---- compressed blocks ---- */

enum disk_packing {
	DISK_PACK_ZLIB,    /* RFC 1950 */
	DISK_PACK_DEFLATE, /* RFC 1951, with a window of 4 KiB */
	DISK_PACK_ZSTD,    /* RFC 8878, a frame */
};
struct disk_block {
	uint64_t i; /* which block of the disk it is */
	const void *bytes;
	size_t size;
	bool packed; /* else it is as it was: it did not get smaller */
};
struct disk_packer {
	enum disk_packing packing;
	bool always; /* blocks that don't get smaller are packed as well */
	unsigned threads;
	size_t block; /* bytes */
	/* Called for each block that is not all zeros, in their order. */
	int (*take)(void *ctx, const struct disk_block *b, struct werr **err);
	void *ctx;
};
/* Some 10 MiB of memory are used. Can be interrupted. */
int disk_pack(const struct extents *d, const struct disk_packer *p, struct werr **err);

#endif
