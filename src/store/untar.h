/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tar archive, plain or compressed by gzip, zstd, xz or bzip2, read once from start to end with
 * libarchive.
 */
#ifndef WHERRY_STORE_UNTAR_H
#define WHERRY_STORE_UNTAR_H

#include "base/io.h"

enum untar_kind { UNTAR_FILE, UNTAR_LINK, UNTAR_OTHER };

struct untar_entry {
	enum untar_kind kind;
	/* Relative to the archive, without ".."; NULL when the entry has no such path. */
	char *path;
	/* Target of a link, in the same form; NULL when it leads out of the archive. */
	char *target;
	uint64_t size; /* size of a file */
};
void untar_entry_cleanup(struct untar_entry *e);

struct untar;
/*
 * Open an archive; takes ownership of `from`. seek_fd (not owned) is the file that `from` reads, if
 * parts of it can be skipped, or -1. consumed (may be NULL) is called with the number of bytes read
 * so far.
 */
int untar_open(struct untar **ret, struct reader *from, int seek_fd,
	void (*consumed)(void *ctx, uint64_t bytes), void *ctx, struct werr **err);
/* Go to the next entry, skipping what was not read of the current one; *ret_end at the end. */
int untar_next(struct untar *t, struct untar_entry *ret, bool *ret_end, struct werr **err);
/* Return a reader of the current entry, a file. It belongs to t and is valid until untar_next. */
struct reader *untar_data(struct untar *t);
/* Read what follows the archive, so that a program that writes to a pipe can finish. */
int untar_drain(struct untar *t, struct werr **err);
void untar_free(struct untar *t);
DEFINE_CLEANUP(struct untar *, untar_free, untar)

#endif
