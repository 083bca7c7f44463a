/* SPDX-License-Identifier: Apache-2.0 */
#include "output/kept-hash.h"

#include <string.h>

#include "base/endian.h"
#include "base/log.h"

enum {
	FORM = 1,
	WORTH_MIN = 1 << 20, /* bytes of a file */
	/* Of a file, at most one in so many bytes may be in memory, or in no kept piece. */
	OWN_PART = 4,
};

static void add_numbers(struct sha256 *h, uint64_t a, uint64_t b, uint64_t c)
{
	unsigned char bytes[3 * sizeof(uint64_t)];

	le64_put(bytes, a);
	le64_put(bytes + sizeof(a), b);
	le64_put(bytes + sizeof(a) + sizeof(b), c);
	sha256_add(h, bytes, sizeof(bytes));
}

/* The last piece that was looked for: many extents in a row are in the same one. */
struct looker {
	const struct pieces *pieces;
	int fd;
	const struct piece *piece; /* in it; or NULL */
};

/* Of the piece that the extent is in. NULL: it is in none, or in one without a digest. */
static const char *digest_at(struct looker *l, const struct extent *e)
{
	const struct io_range *range = &e->range;
	const struct piece *piece;

	if (e->bytes)
		return NULL;
	if (range->fd != l->fd) {
		l->fd = range->fd;
		l->piece = pieces_in_file(l->pieces, l->fd);
	}
	piece = l->piece;
	if (!piece || !*piece->digest || range->size > piece->size ||
		range->offset > piece->size - range->size)
		return NULL;
	return piece->digest;
}

/* Each extent is a place in a piece, or its bytes. */
static bool add_extents(struct sha256 *h, const struct pieces *pieces, const struct extents *file)
{
	CLEANUP(writer) struct writer *bytes = sha256_writer_new(NULL, h);
	struct looker looker = {.pieces = pieces, .fd = -1};
	uint64_t own = 0;

	for (size_t i = 0; i < file->n; i++) {
		const struct extent *e = &file->items[i];
		const char *digest = digest_at(&looker, e);

		add_numbers(h, e->at, e->size, digest ? e->range.offset : UINT64_MAX);
		if (digest) {
			sha256_add(h, digest, SHA256_HEX);
			continue;
		}
		own += e->size;
		if (own > file->size / OWN_PART ||
			extents_write(file, e->at, e->at + e->size, bytes, NULL) < 0)
			return false;
	}
	return true;
}

bool kept_hash_key(
	const struct pieces *pieces, const struct extents *file, uint64_t unit, struct digest *ret)
{
	static const char what[] = "the hash of an output";
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	char hex[SHA256_HEX + 1];

	if (file->size < WORTH_MIN)
		return false;
	sha256_add(h, what, sizeof(what));
	add_numbers(h, FORM, file->size, unit);
	if (!add_extents(h, pieces, file))
		return false;
	sha256_hex(h, hex);
	return digest_from_hex(hex, ret), true;
}

bool kept_hash_find(struct store *s, const struct digest *key, char ret[static SHA256_HEX + 1])
{
	CLEANUP(piece) struct piece piece = {.fd = -1};
	char hex[SHA256_HEX + 1] = "";

	if (!store_find_piece(s, key, &piece) || piece.fd < 0 || piece.size != SHA256_HEX)
		return false;
	if (fd_read_at(piece.fd, "a hash", 0, hex, SHA256_HEX, NULL) < 0)
		return false;
	memcpy(ret, hex, sizeof(hex));
	return true;
}

void kept_hash_keep(
	struct store *s, const struct digest *key, const char hex[static SHA256_HEX + 1])
{
	CLEANUP(piece_writer) struct piece_writer *w = NULL;
	CLEANUP(piece) struct piece piece = {.fd = -1};
	CLEANUP(werr) struct werr *why = NULL;
	int r = store_new_piece(s, key, &w, &why);

	if (r == 0)
		r = writer_write(piece_writer_stream(w), hex, SHA256_HEX, &why);
	if (r == 0)
		piece_writer_finish(w, true, true, &piece);
	else
		log_info("the hash of an output is not kept: %s", why->message);
}
