/* SPDX-License-Identifier: Apache-2.0 */
/* What looks after the kept pieces. */
#ifndef WHERRY_STORE_PIECES_IMPL_H
#define WHERRY_STORE_PIECES_IMPL_H

#include "store/internal.h"
#include "store/piece.h"

char *store_piece_path(const struct store *s, const struct digest *key);
/* Check a kept file, and *ret is its piece with this fd. -EBADMSG: it is damaged. */
int store_read_piece(int fd, struct piece *ret);

/* A file in pieces/; key is NULL when its name says that it was never finished. */
struct kept_piece {
	const char *name;
	const struct digest *key;
	uint64_t size;
	int64_t used; /* seconds, as time() */
};
typedef int store_piece_visit(
	int dir_fd, const struct kept_piece *piece, void *ctx, struct werr **err);
/* All of them, in no order; none is fine. visit may remove the file. */
int store_visit_pieces(struct store *s, store_piece_visit *visit, void *ctx, struct werr **err);

#endif
