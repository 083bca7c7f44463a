/* SPDX-License-Identifier: Apache-2.0 */
/* The digest of a gzipped layer's content: image-spec config.md, "Layer DiffID". */
#include <stdlib.h>
#include <zlib.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "store/internal.h"

struct gunzip {
	z_stream z;
	struct sha256 *hash;
	bool ended; /* at the end of a gzip member; another may follow */
	uint64_t packed, unpacked;
	unsigned char in[IO_CHUNK], out[IO_CHUNK];
};

enum { GZIP_ONLY = 15 + 16 }; /* inflateInit2's window bits: the largest window, gzip's framing */

/* Unpack and hash the size bytes in g->in. */
static int feed(struct gunzip *g, size_t size, struct werr **err)
{
	g->z.next_in = g->in;
	g->z.avail_in = (unsigned)size;
	g->packed += size;
	do {
		int status, r = cancel_check(err);

		if (r < 0)
			return r;
		if (g->ended && inflateReset(&g->z) != Z_OK)
			abort();
		g->z.next_out = g->out;
		g->z.avail_out = sizeof(g->out);
		status = inflate(&g->z, Z_NO_FLUSH);
		if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
			return werr_set(err, WERR_CORRUPT, "it is not valid gzip");
		g->ended = status == Z_STREAM_END;
		sha256_add(g->hash, g->out, sizeof(g->out) - g->z.avail_out);
		g->unpacked += sizeof(g->out) - g->z.avail_out;
		if (io_is_bomb(g->packed, g->unpacked))
			return io_bomb_error("it", err);
		/*
		 * At the end of a member there is no more output, even if the output buffer is
		 * full.
		 */
	} while (g->z.avail_in > 0 || (g->z.avail_out == 0 && !g->ended));
	return 0;
}

static int hash_all(struct gunzip *g, struct reader *from, struct werr **err)
{
	for (;;) {
		size_t got = 0;
		int r = reader_read(from, g->in, sizeof(g->in), &got, err);

		if (r == 0 && got > 0)
			r = feed(g, got, err);
		if (r < 0)
			return r;
		if (got == 0)
			break;
	}
	if (!g->ended)
		return werr_set(err, WERR_CORRUPT, "it is not valid gzip: it ends too early");
	return 0;
}

int store_gzip_diff_id(
	struct store *s, const struct descriptor *d, struct digest *ret, struct werr **err)
{
	CLEANUP(reader) struct reader *from = NULL;
	CLEANUP(free) struct gunzip *g = mem_new(struct gunzip);
	CLEANUP(sha256) struct sha256 *hash = sha256_new();
	char hex[SHA256_HEX + 1];
	int r = store_open_blob(s, d, &from, err);

	if (r < 0)
		return r;
	if (inflateInit2(&g->z, GZIP_ONLY) != Z_OK)
		abort();
	g->hash = hash;
	r = hash_all(g, from, err);
	inflateEnd(&g->z);
	if (r < 0)
		return r;
	sha256_hex(hash, hex);
	digest_from_hex(hex, ret);
	return 0;
}
