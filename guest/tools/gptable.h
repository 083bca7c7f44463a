/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GUID partition table of a disk (UEFI 2.10, 5.3): a header and a list of entries at its
 * beginning, and a copy of both at its end. A power cut while it is changed leaves the old one or
 * the new one: the header, one sector, is written when the list that it refers to is on the disk.
 */
#ifndef WHERRY_GUEST_GPTABLE_H
#define WHERRY_GUEST_GPTABLE_H

#include "base/error.h"
#include "contract/gpthead.h"
#include "tools/parttable.h"

struct gptable {
	struct gpthead head;
	unsigned char *entries; /* owned */
	size_t size;            /* bytes of them */
};

struct gptable_entry {
	uint64_t first, last; /* sectors; the last one belongs to it */
	bool is_linux;        /* for a file system of Linux, or LUKS */
};

void gptable_cleanup(struct gptable *g);
/* Whether the first sector of a disk says that it has such a table. */
bool gptable_is_named(const unsigned char first[static PARTTABLE_SIZE]);
/*
 * Read that at the beginning: untrusted bytes. WERR_CORRUPT: it is not valid; WERR_UNSUPPORTED:
 * another size of header or entries than everybody's.
 */
int gptable_read(int fd, const char *path, const struct parttable *t, struct gptable *ret,
	struct werr **err);
/* Entry i < head.n; false: it is not used. */
bool gptable_entry(const struct gptable *g, size_t i, struct gptable_entry *ret);
/* A new one with the partition that parttable_fill() would make. */
int gptable_new(const struct parttable *t, struct gptable *ret, struct werr **err);
/*
 * Write all but the first sector, for gptable_new(): without that sector it does not count. The
 * first sector is parttable_put() of what gpthead_put_protective() makes.
 */
int gptable_write_new(int fd, const char *path, const struct parttable *t, const struct gptable *g,
	struct werr **err);
/*
 * Have entry i end with the sector `last`, and the copy at the end of the disk, which may have
 * grown. WERR_UNSUPPORTED: there is no room for a second list in front of the first partition.
 */
int gptable_extend(int fd, const char *path, const struct parttable *t, struct gptable *g, size_t i,
	uint64_t last, struct werr **err);

#endif
