/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tar archive, plain or compressed by gzip, zstd, xz or bzip2, read once from front to back, by
 * libarchive.
 */
#ifndef WHERRY_STORE_TAR_IN_H
#define WHERRY_STORE_TAR_IN_H

#include "base/io.h"

enum tar_kind { TAR_FILE, TAR_LINK, TAR_OTHER };

struct tar_entry {
	enum tar_kind kind;
	char *path;   /* inside the archive: no leading slash, no ".."; NULL: it has no such path */
	char *target; /* of a link, in the same way; NULL: it leads nowhere inside */
	uint64_t size; /* of a file */
};
void tar_entry_cleanup(struct tar_entry *e);

struct tar_in;
/*
 * Takes over from. seek_fd, or -1, is what it reads, when that is a file in which parts can be
 * skipped; not owned. consumed is told how many bytes were read so far; may be NULL.
 */
int tar_in_open(struct tar_in **ret, struct reader *from, int seek_fd,
	void (*consumed)(void *ctx, uint64_t bytes), void *ctx, struct werr **err);
/* The next entry; *ret_end at the end. What was not read of the one before is skipped. */
int tar_in_next(struct tar_in *t, struct tar_entry *ret, bool *ret_end, struct werr **err);
/* The bytes of the current entry, a file; valid until tar_in_next; belongs to t. */
struct reader *tar_in_data(struct tar_in *t);
/* Read what is behind the archive, so that the program that feeds a pipe can end. */
int tar_in_drain(struct tar_in *t, struct werr **err);
void tar_in_free(struct tar_in *t);
DEFINE_CLEANUP(struct tar_in *, tar_in_free, tar_in)

#endif
