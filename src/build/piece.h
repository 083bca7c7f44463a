/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces: a part encoded for one kind of output. Laid end to end, the pieces of a plan are its archive. */
#ifndef WHERRY_BUILD_PIECE_H
#define WHERRY_BUILD_PIECE_H

#include "build/plan.h"

/*
 * PIECE_INITRD: a whole cpio archive, compressed by itself (the kernel unpacks several laid end to end), without boot/.
 * PIECE_TAR: the entries of a tar, without its end.
 */
enum piece_kind { PIECE_INITRD, PIECE_TAR, PIECE_KINDS };

struct piece {
	int fd; /* an unnamed file; -1: there is none */
	uint64_t size;
};

/* Encode a part's content; the piece's file is made in folder dir. */
int piece_encode(enum piece_kind kind, const struct part_content *content, const char *dir,
	struct piece *ret, struct werr **err);
/* Append a piece's bytes. */
int piece_copy(const struct piece *p, struct writer *to, struct werr **err);
void piece_cleanup(struct piece *p);

#endif
