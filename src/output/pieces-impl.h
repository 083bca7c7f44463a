/* SPDX-License-Identifier: Apache-2.0 */
/* What finding pieces and making them share. */
#ifndef WHERRY_OUTPUT_PIECES_IMPL_H
#define WHERRY_OUTPUT_PIECES_IMPL_H

#include "output/pieces.h"

/* The pieces of one encoding: one of each part, or a single one of the whole plan. */
struct pieces_row {
	const struct encoding *encoding;
	struct piece *pieces;
	bool *is_missing; /* for each: it is to be encoded */
	size_t n;
};

/* What is encoded in one go: a part, or the whole plan. */
struct pieces_source {
	bool has_key;
	bool is_missing; /* something of it is to be encoded */
	char key[SHA256_HEX + 1];
};

struct pieces {
	const struct plan *plan;
	struct pieces_options options;
	struct pieces_row rows[PIECES_ENCODINGS_MAX];
	struct pieces_source *sources; /* the parts, then the whole plan */
	struct packed_memo *memo;      /* what encoders share, while there are any */
	_Atomic bool has_kept;         /* something was left in the store */
};

/* The piece of a source in a row; NULL: the source can have none. */
struct piece *pieces_at(const struct pieces *p, const struct pieces_row *row, size_t source);
/* The key of all that a source depends on; false: it has none. */
bool pieces_source_key(const struct pieces *p, size_t source, char ret[static SHA256_HEX + 1]);
/* The key of its piece in an encoding. */
void pieces_key(const struct pieces *p, const char *source_key, const struct encoding *e,
	struct digest *ret);

#endif
