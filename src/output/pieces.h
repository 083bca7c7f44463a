/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces: what outputs are made of. A piece is a part, or the whole plan, in one encoding. Those
 * that earlier builds have left in the store are taken from there.
 */
#ifndef WHERRY_OUTPUT_PIECES_H
#define WHERRY_OUTPUT_PIECES_H

#include "output/encoding.h"
#include "plan/plan.h"
#include "store/piece.h"

enum { PIECES_ENCODINGS_MAX = 512 };

struct pieces_options {
	const struct encoding *encodings[PIECES_ENCODINGS_MAX]; /* what is wanted, each once */
	size_t n;
	const bool *parts; /* NULL: all; or for each of the plan, whether it is wanted */
	bool fresh;        /* also encode what earlier builds have left in the store */
	unsigned threads;  /* 0: one for each processor */
	const struct progress *progress;
};

struct pieces;
/* Take what the store has. The plan must outlive the pieces. */
int pieces_find(struct pieces **ret, const struct plan *p, const struct pieces_options *o,
	struct werr **err);
/* Must the kernel's image be loaded (plan_load_kernel) before pieces_encode? */
bool pieces_need_kernel(const struct pieces *p);
/* Encode what was not found, in parallel, and keep it in the store. */
int pieces_encode(struct pieces *p, struct werr **err);
void pieces_free(struct pieces *p);
DEFINE_CLEANUP(struct pieces *, pieces_free, pieces)

/* The number of parts of which nothing had to be encoded. */
size_t pieces_count_found(const struct pieces *p);

/* How many bytes all pieces of a part have in outputs, and whether none of them had to be made. */
uint64_t pieces_part_size(const struct pieces *p, size_t part, bool *ret_found);

/* The last piece of an encoding: of a file of boot/, the one that counts. NULL: there is none. */
const struct piece *pieces_last(const struct pieces *p, const struct encoding *e);
/* Those that there are, in their order: the first after NULL; NULL after the last. */
const struct piece *pieces_next(
	const struct pieces *p, const struct encoding *e, const struct piece *piece);
/* That of a part, of an encoding that is not of the whole plan. NULL: there is none. */
const struct piece *pieces_of_part(const struct pieces *p, size_t part, const struct encoding *e);
/* The key that it is kept under, or would be. false: nothing is kept of the part. */
bool pieces_key_of(
	const struct pieces *p, size_t part, const struct encoding *e, struct digest *ret);
/* The one in this file; NULL: none is. */
const struct piece *pieces_in_file(const struct pieces *p, int fd);
/* Its bytes; the pieces must outlive the reader. */
struct reader *pieces_open_one(const struct piece *piece);
/* All pieces of an encoding end to end, followed by so many zeros. */
struct reader *pieces_open(const struct pieces *p, const struct encoding *e, uint64_t zeros);
/* How many bytes they are, without zeros. */
uint64_t pieces_size(const struct pieces *p, const struct encoding *e);

#endif
