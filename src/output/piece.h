/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces: a part encoded for one kind of output. Laid end to end, the pieces of a plan are its
 * archive. */
#ifndef WHERRY_OUTPUT_PIECE_H
#define WHERRY_OUTPUT_PIECE_H

#include "plan/plan.h"
#include "store/piece.h"

/*
 * PIECE_INITRD: a whole cpio archive, compressed by itself (the kernel unpacks several laid end to
 * end), without boot/. PIECE_TAR: the entries of a tar, without its end. PIECE_KERNEL,
 * PIECE_CMDLINE, PIECE_UCODE: a file of boot/, which few parts have. PIECE_LOSSES: a warning, of
 * what an initrd can't hold (losses.h): kept, so that it is given again when the initrd's piece is.
 */
enum piece_kind {
	PIECE_INITRD,
	PIECE_TAR,
	PIECE_KERNEL,
	PIECE_CMDLINE,
	PIECE_UCODE,
	PIECE_LOSSES,
	PIECE_KINDS
};

/* Is there such a piece? Not of a file that the part hasn't. */
bool piece_is_there(enum piece_kind kind, const struct part_content *content);
/* Encode a part's content. */
int piece_encode(enum piece_kind kind, const struct part_content *content, struct writer *to,
	struct werr **err);
/* Is it worth keeping for later builds? A tar is made as fast as it is copied. */
bool piece_is_kept(enum piece_kind kind);

/* All the pieces of a plan: n parts, one piece for each kind that is wanted. */
struct pieces {
	size_t n;
	struct piece (*of)[PIECE_KINDS];
	size_t n_kept; /* parts of which an earlier build has left all */
};

struct encode_options {
	bool kinds[PIECE_KINDS]; /* what is wanted */
	bool fresh;              /* encode also what earlier builds have left in the store */
	unsigned threads;        /* 0: one for each processor */
	const struct progress *progress;
};
/* The pieces of all parts, in parallel: those that the store has are taken from there, the others
 * are left there. */
int pieces_make(
	struct plan *p, const struct encode_options *o, struct pieces *ret, struct werr **err);
void pieces_cleanup(struct pieces *p);
/* The last piece of a kind: of a file in boot/, the one that counts. NULL: there is none. */
const struct piece *pieces_last(const struct pieces *p, enum piece_kind kind);
/* Its bytes; the pieces must outlive the reader. */
struct reader *piece_open(const struct piece *p);
/*
 * All pieces of a kind end to end, with so many zeros behind them; and how many bytes the pieces
 * are.
 */
struct reader *pieces_open(const struct pieces *p, enum piece_kind kind, uint64_t zeros);
uint64_t pieces_size(const struct pieces *p, enum piece_kind kind);

#endif
