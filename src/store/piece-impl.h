/* SPDX-License-Identifier: Apache-2.0 */
/* Upkeep of the kept pieces. */
#ifndef WHERRY_STORE_PIECE_IMPL_H
#define WHERRY_STORE_PIECE_IMPL_H

#include "store/internal.h"
#include "store/piece.h"

/* name: of a file in pieces/, which is made of the piece's key and the user's secret. */
char *store_piece_path(const struct store *s, const struct digest *name);
/*
 * Is a kept file damaged, or not made by this user's builds? For other users' files, and without
 * the user's secret, only damage can be found; builds do not use them. False when the file is gone.
 */
bool store_piece_is_damaged(struct store *s, const struct digest *name);

/*
 * A file in pieces/; key (its name as a digest) is NULL when its name is that of an unfinished
 * file.
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
 * All of them, in no order; other files in the directory are left out. visit may remove the file.
 */
int store_visit_pieces(struct store *s, store_piece_visit *visit, void *ctx, struct werr **err);

#endif
