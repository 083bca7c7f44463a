/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk with one partition: its table is one sector, an MBR, as its first 512 bytes. So what the
 * disk has is decided by one sector, which a power cut leaves old or new.
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
/*
 * The size of the partition in bytes: whole MiB, so that the first and the last MiB of the disk are
 * none of it. WERR_INVALID: the disk is too small; WERR_UNSUPPORTED: too large for an MBR, which
 * counts 2^32 sectors.
 */
int parttable_room(const struct parttable *t, const char *path, uint64_t *ret, struct werr **err);
/* The table; id is the disk's signature, not 0. parttable_room() has succeeded. */
void parttable_fill(
	const struct parttable *t, uint32_t id, unsigned char ret[static PARTTABLE_SIZE]);
/*
 * Whether the bytes are a table with one partition of Linux's that begins there, be it that of
 * another program or from when the disk had another size.
 */
bool parttable_matches(const struct parttable *t, const unsigned char bytes[static PARTTABLE_SIZE]);

#endif
