/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <isa-l/igzip_lib.h>

#include "base/mem.h"
#include "base/str.h"
#include "tree/codec-impl.h"

struct gzip_reader {
	struct reader reader, *from;
	char *name;
	bool input_ended, failed;
	struct inflate_state state;
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

/* One more step of the decoder, which may give nothing yet. */
static int step(struct gzip_reader *g, struct werr **err)
{
	int r;

	if (g->state.block_state == ISAL_BLOCK_FINISH) {
		/* More behind the end of a member can only be another member. */
		isal_inflate_reset(&g->state);
		g->state.crc_flag = ISAL_GZIP;
	}
	r = isal_inflate(&g->state);
	if (r < 0)
		return werr_set(err, WERR_CORRUPT, "%s: the gzip stream is broken: %s", g->name,
			inflate_problem(r));
	return 0;
}

static int gzip_reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct gzip_reader *g = CONTAINER_OF(r, struct gzip_reader, reader);
	uint32_t room = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
	int res = 0;

	g->state.next_out = p;
	g->state.avail_out = room;
	*got = 0;
	while (g->state.avail_out == room) {
		uint32_t in_before;
		enum isal_block_state state_before = g->state.block_state;

		res = g->failed ? werr_set(err, WERR_CORRUPT, "%s: the gzip stream is broken",
					  g->name)
				: refill(g, err);
		in_before = g->state.avail_in;
		if (res < 0)
			return res;
		if (g->input_ended && state_before == ISAL_BLOCK_FINISH)
			return 0;
		res = step(g, err);
		if (res < 0) {
			g->failed = true;
			return res;
		}
		/* The decoder may still hold output back when all input is in; then it goes on. */
		if (g->input_ended && g->state.avail_out == room &&
			g->state.avail_in == in_before && g->state.block_state == state_before)
			return werr_set(err, WERR_CORRUPT, "%s: the gzip stream is cut", g->name);
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
	g->state.crc_flag = ISAL_GZIP;
	return &g->reader;
}
