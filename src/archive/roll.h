/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rolls: what an archive would have, without the bytes of files, whose SHA-256 may stand for them.
 * They are small enough to be compared in their place.
 */
#ifndef WHERRY_ARCHIVE_ROLL_H
#define WHERRY_ARCHIVE_ROLL_H

#include "archive/archive.h"
#include "archive/fill.h"
#include "hash/sha256.h"

/* `to` is neither owned nor finished. with_hashes: files are read; else only their sizes count. */
struct archiver *archiver_new_roll(struct writer *to, bool with_hashes);

struct roll_entry {
	struct fill_entry entry;
	char sha256[SHA256_HEX + 1]; /* of a regular file's bytes; "": not known */
	const char *source;          /* the image that it is from; or NULL */
};
typedef int roll_visit(const struct roll_entry *e, void *ctx, struct werr **err);
/* WERR_CORRUPT: it is no roll. */
int roll_read(struct reader *from, roll_visit *visit, void *ctx, struct werr **err);
int roll_parse(const char *text, size_t size, roll_visit *visit, void *ctx, struct werr **err);

struct roll_sums {
	uint64_t files; /* names, but for directories */
	uint64_t size;  /* bytes of files; of several names of one, once */
};
/* Those of a roll of so many bytes, at the beginning of a file. false: it is none. */
bool roll_read_sums(int fd, uint64_t size, struct roll_sums *ret);

#endif
