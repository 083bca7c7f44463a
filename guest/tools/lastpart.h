/* SPDX-License-Identifier: Apache-2.0 */
/* The last partition of a disk, by its place, which is the one that can grow with it. */
#ifndef WHERRY_GUEST_LASTPART_H
#define WHERRY_GUEST_LASTPART_H

#include "base/error.h"
#include "tools/parttable.h"

struct lastpart {
	unsigned number;   /* from 1, as the kernel has it */
	uint64_t at, size; /* bytes */
	uint64_t end_max;  /* where it can end on this disk, in bytes */
	bool is_gpt;
	bool is_linux; /* its type is that of Linux's file systems */
};

/*
 * Find it on an open disk, which path names in errors. Returns 1; 0: there is no table, or none
 * with a partition; or an error: WERR_UNSUPPORTED, also for logical partitions, WERR_CORRUPT.
 */
int lastpart_find(int fd, const char *path, const struct parttable *t, struct lastpart *ret,
	struct werr **err);
/*
 * Have it end at end_max, in the table and for the kernel, also while it is in use. A power cut
 * leaves the old table or the new one.
 */
int lastpart_grow(int fd, const char *path, const struct parttable *t, const struct lastpart *p,
	struct werr **err);

#endif
