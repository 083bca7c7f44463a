/* SPDX-License-Identifier: Apache-2.0 */
/* Reading gzip (RFC 1952) with ISA-L, of one or several members. */
#include <stdlib.h>

#include <isa-l/igzip_lib.h>

#include "base/mem.h"
#include "base/str.h"
#include "codec/codec-impl.h"

struct gzip_reader {
	struct reader reader, *from;
	char *name;
	bool input_ended, in_header, failed;
	struct inflate_state state;
	struct isal_gzip_header header; /* as far as it has been read */
	uint8_t in[CODEC_CHUNK];
};

static const char *inflate_problem(int code)
{
	switch (code) {
	case ISAL_INCORRECT_CHECKSUM:
		return "wrong checksum";
	case ISAL_INVALID_WRAPPER:
	case ISAL_UNSUPPORTED_METHOD:
		return "bad header";
	default:
		return "bad data";
	}
}

static int refill(struct gzip_reader *g, struct werr **err)
{
	size_t got = 0;
	int r;

	if (g->state.avail_in > 0 || g->input_ended)
		return 0;
	r = reader_read(g->from, g->in, sizeof(g->in), &got, err);
	if (r < 0)
		return r;
	g->input_ended = got == 0;
	g->state.next_in = g->in;
	g->state.avail_in = (uint32_t)got;
	return 0;
}

static void begin_member(struct gzip_reader *g)
{
	isal_inflate_reset(&g->state);
	g->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
	isal_gzip_header_init(&g->header);
	g->in_header = true;
}

/* One more step of the decoder, which may not produce any output yet. */
static int step(struct gzip_reader *g, struct werr **err)
{
	int r;

	/* The end of a member can only be followed by another member. */
	if (g->state.block_state == ISAL_BLOCK_FINISH)
		begin_member(g);
	if (g->in_header) {
		/* isal_inflate() cannot read a header that continues in the next chunk. */
		r = isal_read_gzip_header(&g->state, &g->header);
		g->in_header = r == ISAL_END_INPUT;
	} else {
		r = isal_inflate(&g->state);
	}
	if (r < 0)
		return werr_set(err, WERR_CORRUPT, "%s: the gzip stream is broken: %s", g->name,
			inflate_problem(r));
	return 0;
}

/* The state of the decoder. It is stuck when a step without input changes nothing. */
struct progress_mark {
	uint32_t room;
	enum isal_block_state block_state;
	bool in_header;
};

static struct progress_mark mark(const struct gzip_reader *g)
{
	return (struct progress_mark){g->state.avail_out, g->state.block_state, g->in_header};
}

static bool is_stuck(const struct gzip_reader *g, const struct progress_mark *before)
{
	return g->input_ended && g->state.avail_out == before->room &&
	       g->state.block_state == before->block_state && g->in_header == before->in_header;
}

static int gzip_reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct gzip_reader *g = CONTAINER_OF(r, struct gzip_reader, reader);
	uint32_t room = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
	int res;

	if (g->failed)
		return werr_set(err, WERR_CORRUPT, "%s: the gzip stream is broken", g->name);
	g->state.next_out = p;
	g->state.avail_out = room;
	*got = 0;
	while (g->state.avail_out == room) {
		struct progress_mark before = mark(g);

		res = refill(g, err);
		if (res < 0)
			return res;
		if (g->input_ended && before.block_state == ISAL_BLOCK_FINISH)
			return 0;
		res = step(g, err);
		if (res == 0 && is_stuck(g, &before))
			res = werr_set(
				err, WERR_CORRUPT, "%s: the gzip stream is truncated", g->name);
		if (res < 0) {
			g->failed = true;
			return res;
		}
	}
	*got = room - g->state.avail_out;
	return 0;
}

static void gzip_reader_free(struct reader *r)
{
	struct gzip_reader *g = CONTAINER_OF(r, struct gzip_reader, reader);

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
	isal_inflate_init(&g->state);
	begin_member(g);
	return &g->reader;
}
