/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rolls: what an archive would have, without the bytes of files, whose SHA-256 stands for them.
 * They are read by the same program that wrote them, and are small enough to be compared in their
 * place.
 */
#ifndef WHERRY_ARCHIVE_ROLL_H
#define WHERRY_ARCHIVE_ROLL_H

#include "archive/archive.h"
#include "archive/fill.h"
#include "hash/sha256.h"

/* `to` is neither owned nor finished. */
struct archiver *archiver_new_roll(struct writer *to);

struct roll_entry {
	struct fill_entry entry;
	char sha256[SHA256_HEX + 1]; /* of a regular file's bytes; "" of anything else */
	const char *source;          /* the image that it is from; or NULL */
};
typedef int roll_visit(const struct roll_entry *e, void *ctx, struct werr **err);
/* WERR_CORRUPT: it is no roll. */
int roll_read(struct reader *from, roll_visit *visit, void *ctx, struct werr **err);

#endif
