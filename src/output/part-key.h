/* SPDX-License-Identifier: Apache-2.0 */
/* What a part is made of, as one digest: the key under which its pieces are kept. */
#ifndef WHERRY_OUTPUT_PART_KEY_H
#define WHERRY_OUTPUT_PART_KEY_H

#include "output/piece.h"

struct part_key {
	struct digest of[PIECE_KINDS];
};
/*
 * The keys of a part's pieces. False when it has none: it comes from an earlier tar, is not worth
 * it, or has a file that can't be read twice. Files of the configuration are read, so that the keys
 * of a part whose file is just being changed change, too.
 */
bool part_key_get(const struct plan *p, const struct part *part, struct part_key *ret);
bool part_key_eq(const struct part_key *a, const struct part_key *b);

#endif
