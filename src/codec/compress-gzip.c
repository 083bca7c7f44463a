/* SPDX-License-Identifier: Apache-2.0 */
/* Writing gzip (RFC 1952), with a header that is the same on every machine. */
#include <stdlib.h>

#include <zlib.h>

#include "base/mem.h"
#include "codec/compress-impl.h"

struct gzip_state {
	z_stream deflate;
	gz_header header; /* zlib keeps a pointer to it */
};

static int gzip_init(struct compress_writer *c, int level, struct werr **err)
{
	enum { WINDOW_AND_GZIP = 15 + 16, MEMORY_DEFAULT = 8, OS_UNKNOWN = 255 };
	struct gzip_state *s = mem_new(struct gzip_state);

	c->state = s;
	s->header.os = OS_UNKNOWN;
	if (deflateInit2(&s->deflate, level, Z_DEFLATED, WINDOW_AND_GZIP, MEMORY_DEFAULT,
		    Z_DEFAULT_STRATEGY) != Z_OK ||
		deflateSetHeader(&s->deflate, &s->header) != Z_OK)
		return werr_set(err, WERR_FAILED, "can't set up gzip compression");
	return 0;
}

static int gzip_pass(struct compress_writer *c, bool last, struct werr **err)
{
	z_stream *z = &((struct gzip_state *)c->state)->deflate;
	int state;

	z->next_in = (Bytef *)c->in;
	z->avail_in = (uInt)c->held;
	do {
		size_t n;
		int r;

		z->next_out = (Bytef *)c->out;
		z->avail_out = sizeof(c->out);
		state = deflate(z, last ? Z_FINISH : Z_NO_FLUSH);
		if (state == Z_STREAM_ERROR)
			return werr_set(err, WERR_FAILED, "gzip compression failed");
		n = sizeof(c->out) - z->avail_out;
		r = n ? writer_write(c->to, c->out, n, err) : 0;
		if (r < 0)
			return r;
	} while (last ? state != Z_STREAM_END : z->avail_in > 0);
	return 0;
}

static void gzip_end(struct compress_writer *c)
{
	deflateEnd(&((struct gzip_state *)c->state)->deflate);
	free(c->state);
}

const struct compressor codec_gzip_compressor = {
	.library = "zlib",
	.version = zlibVersion,
	.level_min = 1,
	.level_max = 9,
	.level_default = 4,
	.init = gzip_init,
	.pass = gzip_pass,
	.end = gzip_end,
};
