/* SPDX-License-Identifier: Apache-2.0 */
/* Reading gzip (RFC 1952), of one or several members. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "codec/codec-impl.h"
#include "codec/gzip-impl.h"

struct gzip_reader {
	struct reader reader, *from;
	char *name;
	bool input_ended, member_ended, failed;
	uint64_t *used; /* or NULL */
	struct gzip_decoder *decoder;
	struct gzip_bytes bytes;
	uint8_t in[CODEC_CHUNK];
};

static int refill(struct gzip_reader *g, struct werr **err)
{
	size_t got = 0;
	int r;

	if (g->bytes.n_in > 0 || g->input_ended)
		return 0;
	r = reader_read(g->from, g->in, sizeof(g->in), &got, err);
	if (r < 0)
		return r;
	g->input_ended = got == 0;
	if (g->used)
		*g->used += got;
	g->bytes.in = g->in;
	g->bytes.n_in = (uint32_t)got;
	return 0;
}

static int step(struct gzip_reader *g, struct werr **err)
{
	enum gzip_result result = gzip_decoder_step(g->decoder, &g->bytes);

	/* The end of a member can only be followed by another member. */
	g->member_ended = result == GZIP_ENDED;
	if (g->used && g->member_ended)
		*g->used -= g->bytes.n_in;
	g->failed = result == GZIP_BROKEN || (result == GZIP_STUCK && g->input_ended);
	if (result == GZIP_BROKEN)
		return werr_set(err, WERR_CORRUPT, "%s: the gzip stream is broken: %s", g->name,
			gzip_decoder_problem(g->decoder));
	if (g->failed)
		return werr_set(err, WERR_CORRUPT, "%s: the gzip stream is truncated", g->name);
	return 0;
}

static int gzip_reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct gzip_reader *g = CONTAINER_OF(r, struct gzip_reader, reader);
	uint32_t room = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
	int res;

	if (g->failed)
		return werr_set(err, WERR_CORRUPT, "%s: the gzip stream is broken", g->name);
	g->bytes.out = p;
	g->bytes.n_out = room;
	*got = 0;
	while (g->bytes.n_out == room && !(g->used && g->member_ended)) {
		res = refill(g, err);
		if (res < 0)
			return res;
		if (g->input_ended && g->member_ended)
			return 0;
		res = step(g, err);
		if (res < 0)
			return res;
	}
	*got = room - g->bytes.n_out;
	return 0;
}

static void gzip_reader_free(struct reader *r)
{
	struct gzip_reader *g = CONTAINER_OF(r, struct gzip_reader, reader);

	gzip_decoder_free(g->decoder);
	reader_free(g->from);
	free(g->name);
	free(g);
}

struct reader *gzip_reader_new(struct reader *from, const char *name, uint64_t *used)
{
	struct gzip_reader *g = mem_new(struct gzip_reader);

	g->reader = (struct reader){gzip_reader_read, gzip_reader_free};
	g->from = from;
	g->used = used;
	g->name = str_dup(name);
	g->decoder = gzip_decoder_new();
	return &g->reader;
}
