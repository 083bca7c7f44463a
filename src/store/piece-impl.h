/* SPDX-License-Identifier: Apache-2.0 */
/* Upkeep of the kept pieces. */
#ifndef WHERRY_STORE_PIECE_IMPL_H
#define WHERRY_STORE_PIECE_IMPL_H

#include "store/internal.h"
#include "store/piece.h"

/* name: of a file in pieces/, derived from the piece's key and the user's secret. */
char *store_piece_path(const struct store *s, const struct digest *name);
/*
 * Check whether a kept file is damaged, or not made by this user's builds. For files of other
 * users, or without the user's secret, only damage can be found; builds don't use such files. A
 * file that is gone counts as good.
 */
bool store_piece_is_damaged(struct store *s, const struct digest *name);

/*
 * A file in pieces/; key (its name as a digest) is NULL when its name shows that it was never
 * finished.
 */
struct kept_piece {
	const char *name;
	const struct digest *key;
	uint64_t size;
	int64_t used; /* seconds, as time() */
};
typedef int store_piece_visit(
	int dir_fd, const struct kept_piece *piece, void *ctx, struct werr **err);
/*
 * Call visit for each kept file, in no particular order; it is not an error if there is none. Other
 * files in the directory are skipped. visit may remove the file.
 */
int store_visit_pieces(struct store *s, store_piece_visit *visit, void *ctx, struct werr **err);

#endif
