/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk with one partition: its table is one sector, an MBR, as its first 512 bytes, or, when that
 * is too small for it, a GPT, for which that sector stands. So what the disk has is decided by one
 * sector, which a power cut leaves old or new.
 */
#ifndef WHERRY_GUEST_PARTTABLE_H
#define WHERRY_GUEST_PARTTABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum {
	PARTTABLE_SIZE = 512,
	PARTTABLE_AT = 1 << 20,  /* where the partition begins, in bytes */
	PARTTABLE_END = 1 << 20, /* what stays free behind it, and less than another MiB */
};

struct parttable {
	uint64_t disk;   /* the disk's size in bytes */
	uint32_t sector; /* and its logical sectors': a power of two from 512 to 4096 */
};

/*
 * The size of the open device, or file, which path names in errors. WERR_INVALID: it is not a disk.
 */
int parttable_measure(int fd, const char *path, struct parttable *ret, struct werr **err);
/* Where the last partition of such a disk ends, in bytes: the last whole MiB but one. */
uint64_t parttable_end(const struct parttable *t);
/* Whether the partition has more sectors than an MBR counts, which are 2^32. */
bool parttable_needs_gpt(const struct parttable *t);
/*
 * The size of the partition in bytes: whole MiB, so that the first and the last MiB of the disk are
 * none of it. WERR_INVALID: the disk is too small.
 */
int parttable_room(const struct parttable *t, const char *path, uint64_t *ret, struct werr **err);
/* Write bytes to a disk, and have them on it. */
int parttable_put(
	int fd, const char *path, uint64_t at, const void *p, size_t size, struct werr **err);
/* The MBR; id is the disk's signature, not 0. parttable_room() has succeeded. */
void parttable_fill(
	const struct parttable *t, uint32_t id, unsigned char ret[static PARTTABLE_SIZE]);
/* ---- tables of others ---- */

enum { PARTTABLE_ENTRIES = 4 };
enum parttable_kind {
	PARTTABLE_LINUX,
	PARTTABLE_OTHER,
	PARTTABLE_LOGICAL, /* it holds other partitions */
	PARTTABLE_BAD,     /* not an entry of a table */
};
struct parttable_entry {
	uint32_t first, count; /* sectors */
	enum parttable_kind kind;
};

/* Whether there is a magic, which boot sectors have as well. */
bool parttable_is_mbr(const unsigned char bytes[static PARTTABLE_SIZE]);
/* Read entry i of 4; false: it is not used. */
bool parttable_entry(
	const unsigned char bytes[static PARTTABLE_SIZE], unsigned i, struct parttable_entry *ret);
/* Set how many sectors it has. */
void parttable_set_count(unsigned char bytes[static PARTTABLE_SIZE], unsigned i, uint32_t count);
/*
 * Whether the bytes are a table with one partition of Linux's that begins there, be it that of
 * another program or from when the disk had another size.
 */
bool parttable_matches(const struct parttable *t, const unsigned char bytes[static PARTTABLE_SIZE]);

#endif
