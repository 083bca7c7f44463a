/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces: results of encoding, kept under a key (the digest of all inputs) so that the next build
 * copies what has not changed. A piece can be made again, so it may be removed at any time, and it
 * is not synced: its bytes are checked when it is used.
 */
#ifndef WHERRY_STORE_PIECE_H
#define WHERRY_STORE_PIECE_H

#include "hash/sha256.h"
#include "store/store.h"

#define PIECES_MAX_BYTES ((uint64_t)4 << 30)
enum { PIECES_MAX_SECONDS = 30 * 24 * 3600 };

struct piece {
	/* A file that begins with the piece's bytes; -1 when there is no such piece. */
	int fd;
	uint64_t size;
	char digest[SHA256_HEX + 1]; /* see piece_digest; "" when it is not known yet */
};
void piece_cleanup(struct piece *p);
/*
 * A SHA-256 that depends on the piece's bytes only, and is not that of its bytes alone. It is read
 * for that unless it is, or was, kept. Can be interrupted.
 */
int piece_digest(const struct piece *p, char ret[static SHA256_HEX + 1], struct werr **err);

/*
 * Get the piece of a key and mark it as used now. False when it is not kept, or damaged (then it is
 * removed). The fact that there is no such piece (fd -1) is kept as well.
 */
bool store_find_piece(struct store *s, const struct digest *key, struct piece *ret);

/*
 * How large the piece of a key is. Its bytes are not checked, so this is for people only. False
 * when it is not kept.
 */
bool store_measure_piece(struct store *s, const struct digest *key, uint64_t *ret);

/*
 * The key of what is found out about bytes, while they are read: it depends on them, on `what`, and
 * on the user's secret. Several times as quick as a SHA-256. NULL: there is no secret, or no
 * Poly1305. store_code_key() is to be called only once.
 */
struct store_code;
struct store_code *store_code_new(struct store *s, const char *what);
void store_code_add(struct store_code *c, const void *p, size_t size);
void store_code_key(struct store_code *c, struct digest *ret);
void store_code_free(struct store_code *c); /* NULL is fine */
DEFINE_CLEANUP(struct store_code *, store_code_free, store_code)
/*
 * The same of all that there is to be read. False: see above; or it can't be read, or was
 * interrupted.
 */
bool store_key_of_bytes(struct store *s, const char *what, struct reader *from, struct digest *ret);

/* A piece that is being written; with key NULL it will not be kept. */
struct piece_writer;
int store_new_piece(
	struct store *s, const struct digest *key, struct piece_writer **ret, struct werr **err);
struct writer *piece_writer_stream(struct piece_writer *w); /* owned by the piece_writer */
/* What has been written can be read from there; the piece_writer's, later the piece's. */
int piece_writer_fd(const struct piece_writer *w);
/*
 * Finish a piece. If nothing was written and is_there is false, there is no such piece. With keep
 * (and a key) it is kept; a failure to keep it is logged, and the piece is valid all the same.
 */
void piece_writer_finish(struct piece_writer *w, bool is_there, bool keep, struct piece *ret);
void piece_writer_free(struct piece_writer *w);
DEFINE_CLEANUP(struct piece_writer *, piece_writer_free, piece_writer)

/*
 * Remove the pieces not used for max_seconds, then the least recently used ones until at most
 * max_bytes are left.
 */
int store_trim_pieces(struct store *s, uint64_t max_seconds, uint64_t max_bytes,
	struct store_garbage *ret, struct werr **err);

#endif
