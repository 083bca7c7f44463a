/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 hashes of outputs, kept in the store under all that the bytes are made from: the list of
 * extents, with the digests of the pieces that they are in. These were checked when they were taken
 * from the store, so an output that is made from the same has the same hash, and need not be hashed
 * to know it.
 */
#ifndef WHERRY_OUTPUT_KEPT_HASH_H
#define WHERRY_OUTPUT_KEPT_HASH_H

#include "disk/extents.h"
#include "output/pieces.h"

/*
 * The key of a file that consists of these extents, and zeros up to a multiple of `unit`. False:
 * hashing the file itself is as quick.
 */
bool kept_hash_key(
	const struct pieces *pieces, const struct extents *file, uint64_t unit, struct digest *ret);
bool kept_hash_find(struct store *s, const struct digest *key, char ret[static SHA256_HEX + 1]);
void kept_hash_keep(
	struct store *s, const struct digest *key, const char hex[static SHA256_HEX + 1]);

#endif
