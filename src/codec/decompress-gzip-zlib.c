/* SPDX-License-Identifier: Apache-2.0 */
/* Reading gzip (RFC 1952) with zlib, of one or several members, where there is no ISA-L. */
#include <limits.h>
#include <stdlib.h>

#include <zlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "codec/codec-impl.h"

enum { WINDOW_AND_GZIP = 15 + 16 };

struct gzip_reader {
	struct reader reader, *from;
	char *name;
	bool input_ended, member_ended, failed;
	z_stream inflate;
	uint8_t in[CODEC_CHUNK];
};

/* zlib's words for what the other reader tells apart by codes. */
static const char *inflate_problem(const char *said)
{
	static const struct {
		const char *said, *problem;
	} words[] = {
		{"incorrect data check", "wrong checksum"},
		{"incorrect length check", "wrong checksum"},
		{"incorrect header check", "bad header"},
		{"unknown compression method", "bad header"},
		{"unknown header flags set", "bad header"},
		{"header crc mismatch", "bad header"},
	};

	for (size_t i = 0; said && i < ARRAY_SIZE(words); i++)
		if (str_eq(said, words[i].said))
			return words[i].problem;
	return "bad data";
}

static int refill(struct gzip_reader *g, struct werr **err)
{
	size_t got = 0;
	int r;

	if (g->inflate.avail_in > 0 || g->input_ended)
		return 0;
	r = reader_read(g->from, g->in, sizeof(g->in), &got, err);
	if (r < 0)
		return r;
	g->input_ended = got == 0;
	g->inflate.next_in = g->in;
	g->inflate.avail_in = (uInt)got;
	return 0;
}

/* One more step of the decoder, which may not produce any output yet. */
static int step(struct gzip_reader *g, struct werr **err)
{
	int r;

	/* The end of a member can only be followed by another member. */
	if (g->member_ended)
		inflateReset(&g->inflate);
	r = inflate(&g->inflate, Z_NO_FLUSH);
	g->member_ended = r == Z_STREAM_END;
	if (r == Z_MEM_ERROR)
		abort();
	if (r == Z_BUF_ERROR && g->input_ended)
		return werr_set(err, WERR_CORRUPT, "%s: the gzip stream is truncated", g->name);
	if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
		return werr_set(err, WERR_CORRUPT, "%s: the gzip stream is broken: %s", g->name,
			inflate_problem(g->inflate.msg));
	return 0;
}

static int gzip_reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct gzip_reader *g = CONTAINER_OF(r, struct gzip_reader, reader);
	uInt room = size < UINT_MAX ? (uInt)size : UINT_MAX;
	int res;

	if (g->failed)
		return werr_set(err, WERR_CORRUPT, "%s: the gzip stream is broken", g->name);
	g->inflate.next_out = p;
	g->inflate.avail_out = room;
	*got = 0;
	while (g->inflate.avail_out == room) {
		res = refill(g, err);
		if (res < 0)
			return res;
		if (g->input_ended && g->member_ended)
			return 0;
		res = step(g, err);
		if (res < 0) {
			g->failed = true;
			return res;
		}
	}
	*got = room - g->inflate.avail_out;
	return 0;
}

static void gzip_reader_free(struct reader *r)
{
	struct gzip_reader *g = CONTAINER_OF(r, struct gzip_reader, reader);

	inflateEnd(&g->inflate);
	reader_free(g->from);
	free(g->name);
	free(g);
}

struct reader *gzip_reader_new(struct reader *from, const char *name)
{
	struct gzip_reader *g = mem_new(struct gzip_reader);

	g->reader = (struct reader){gzip_reader_read, gzip_reader_free};
	g->from = from;
	g->name = str_dup(name);
	/* This fails only when memory runs out. */
	if (inflateInit2(&g->inflate, WINDOW_AND_GZIP) != Z_OK)
		abort();
	return &g->reader;
}
