/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tar archive, plain or compressed by gzip, zstd, xz or bzip2, read once from front to back, by
 * libarchive.
 */
#ifndef WHERRY_STORE_UNTAR_H
#define WHERRY_STORE_UNTAR_H

#include "base/io.h"

enum untar_kind { UNTAR_FILE, UNTAR_LINK, UNTAR_OTHER };

struct untar_entry {
	enum untar_kind kind;
	char *path;   /* inside the archive: no leading slash, no ".."; NULL: it has no such path */
	char *target; /* of a link, in the same way; NULL: it leads nowhere inside */
	uint64_t size; /* of a file */
};
void untar_entry_cleanup(struct untar_entry *e);

struct untar;
/*
 * Takes over from. seek_fd, or -1, is what it reads, when that is a file in which parts can be
 * skipped; not owned. consumed is called with the number of bytes read so far; may be NULL.
 */
int untar_open(struct untar **ret, struct reader *from, int seek_fd,
	void (*consumed)(void *ctx, uint64_t bytes), void *ctx, struct werr **err);
/* The next entry; *ret_end at the end. What was not read of the one before is skipped. */
int untar_next(struct untar *t, struct untar_entry *ret, bool *ret_end, struct werr **err);
/* The bytes of the current entry, a file; valid until untar_next; belongs to t. */
struct reader *untar_data(struct untar *t);
/* Read what follows the archive, so that the program that feeds a pipe can end. */
int untar_drain(struct untar *t, struct werr **err);
void untar_free(struct untar *t);
DEFINE_CLEANUP(struct untar *, untar_free, untar)

#endif
