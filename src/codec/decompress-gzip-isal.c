/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding gzip with ISA-L. */
#include <stdlib.h>

#include <isa-l/igzip_lib.h>

#include "base/mem.h"
#include "codec/gzip-impl.h"

struct gzip_decoder {
	int problem;
	bool in_header;
	struct inflate_state state;
	struct isal_gzip_header header; /* as far as it has been read */
};

/* All that a step can change. */
struct mark {
	uint32_t n_in, n_out;
	enum isal_block_state block_state;
	bool in_header;
};

static struct mark mark(const struct gzip_decoder *d)
{
	return (struct mark){
		d->state.avail_in, d->state.avail_out, d->state.block_state, d->in_header};
}

static bool mark_eq(const struct mark *a, const struct mark *b)
{
	return a->n_in == b->n_in && a->n_out == b->n_out && a->block_state == b->block_state &&
	       a->in_header == b->in_header;
}

static void begin_member(struct gzip_decoder *d)
{
	isal_inflate_reset(&d->state);
	d->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
	isal_gzip_header_init(&d->header);
	d->in_header = true;
}

static int decode(struct gzip_decoder *d)
{
	int r;

	if (!d->in_header)
		return isal_inflate(&d->state);
	/* isal_inflate() cannot read a header that continues in the next chunk. */
	r = isal_read_gzip_header(&d->state, &d->header);
	d->in_header = r == ISAL_END_INPUT;
	return r;
}

enum gzip_result gzip_decoder_step(struct gzip_decoder *d, struct gzip_bytes *b)
{
	struct mark before, after;

	if (d->state.block_state == ISAL_BLOCK_FINISH)
		begin_member(d);
	d->state.next_in = b->in;
	d->state.avail_in = b->n_in;
	d->state.next_out = b->out;
	d->state.avail_out = b->n_out;
	before = mark(d);
	d->problem = decode(d);
	after = mark(d);
	*b = (struct gzip_bytes){d->state.next_in, d->state.next_out, after.n_in, after.n_out};
	if (d->problem < 0)
		return GZIP_BROKEN;
	if (after.block_state == ISAL_BLOCK_FINISH)
		return GZIP_ENDED;
	return mark_eq(&before, &after) ? GZIP_STUCK : GZIP_MOVED;
}

const char *gzip_decoder_problem(const struct gzip_decoder *d)
{
	switch (d->problem) {
	case ISAL_INCORRECT_CHECKSUM:
		return "wrong checksum";
	case ISAL_INVALID_WRAPPER:
	case ISAL_UNSUPPORTED_METHOD:
		return "bad header";
	default:
		return "bad data";
	}
}

struct gzip_decoder *gzip_decoder_new(void)
{
	struct gzip_decoder *d = mem_new(struct gzip_decoder);

	isal_inflate_init(&d->state);
	begin_member(d);
	return d;
}

void gzip_decoder_free(struct gzip_decoder *d)
{
	free(d);
}
