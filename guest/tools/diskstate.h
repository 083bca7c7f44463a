/* SPDX-License-Identifier: Apache-2.0 */
/* What is on a disk, before it is formatted: untrusted bytes, of which nothing is followed. */
#ifndef WHERRY_GUEST_DISKSTATE_H
#define WHERRY_GUEST_DISKSTATE_H

#include <stddef.h>

#include "base/error.h"
#include "tools/parttable.h"

enum diskstate {
	DISKSTATE_FOREIGN,    /* anything else: left alone */
	DISKSTATE_FORMATTED,  /* one partition, as parttable_matches() has it */
	DISKSTATE_EMPTY,      /* zeros where something would begin or end */
	DISKSTATE_UNFINISHED, /* formatting it has begun, and did not end */
};
enum {
	DISKSTATE_HEAD = 2 << 20, /* what must be zeros at its beginning: also the partition's */
	DISKSTATE_WHAT = 160,
};

/* Who writes to a disk, or to a partition, that it has found empty. */
enum diskstate_writer { DISKSTATE_FORMAT, DISKSTATE_CRYPTO, DISKSTATE_SWAP };
/* The first sector while that is going on. */
void diskstate_mark(enum diskstate_writer by, unsigned char ret[static PARTTABLE_SIZE]);
/* Whether the first sector of a disk is that. */
bool diskstate_is_marked(
	enum diskstate_writer by, const unsigned char first[static PARTTABLE_SIZE]);
/* Words for what begins at a place of an open disk; they stay as they are when nothing is known. */
void diskstate_describe(int fd, uint64_t at, char what[static DISKSTATE_WHAT]);
/*
 * Look at an open disk or file, which path names in errors. `what` gets words for what is on it:
 * "a file system (ext4, LABEL=data)". An error when it can't be read.
 */
int diskstate_look(int fd, const char *path, const struct parttable *t, enum diskstate *ret,
	char what[static DISKSTATE_WHAT], struct werr **err);
/* What diskstate_name() says of DISKSTATE_CRYPTO's mark. */
extern const char diskstate_crypto[];
/*
 * What the first `size` bytes of a disk are known as; NULL: nothing known. Known are partition
 * tables, LUKS, LVM, RAID and swap, and file systems that disk_identify() does not tell.
 */
const char *diskstate_name(const unsigned char *head, size_t size);

#endif
