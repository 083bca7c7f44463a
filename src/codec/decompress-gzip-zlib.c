/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding gzip with zlib, where there is no ISA-L. */
#include <stdlib.h>

#include <zlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "codec/gzip-impl.h"

enum { WINDOW_AND_GZIP = 15 + 16 };

struct gzip_decoder {
	bool member_ended;
	z_stream inflate;
};

enum gzip_result gzip_decoder_step(struct gzip_decoder *d, struct gzip_bytes *b)
{
	z_stream *z = &d->inflate;
	int r;

	if (d->member_ended)
		inflateReset(z);
	z->next_in = b->in;
	z->avail_in = b->n_in;
	z->next_out = b->out;
	z->avail_out = b->n_out;
	r = inflate(z, Z_NO_FLUSH);
	*b = (struct gzip_bytes){z->next_in, z->next_out, z->avail_in, z->avail_out};
	d->member_ended = r == Z_STREAM_END;
	if (r == Z_MEM_ERROR)
		abort();
	if (r == Z_STREAM_END)
		return GZIP_ENDED;
	if (r == Z_BUF_ERROR)
		return GZIP_STUCK;
	return r == Z_OK ? GZIP_MOVED : GZIP_BROKEN;
}

/* zlib's words for what the other decoder tells apart by codes. */
const char *gzip_decoder_problem(const struct gzip_decoder *d)
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

	for (size_t i = 0; d->inflate.msg && i < ARRAY_SIZE(words); i++)
		if (str_eq(d->inflate.msg, words[i].said))
			return words[i].problem;
	return "bad data";
}

struct gzip_decoder *gzip_decoder_new(void)
{
	struct gzip_decoder *d = mem_new(struct gzip_decoder);

	/* This fails only when memory runs out. */
	if (inflateInit2(&d->inflate, WINDOW_AND_GZIP) != Z_OK)
		abort();
	return d;
}

void gzip_decoder_free(struct gzip_decoder *d)
{
	inflateEnd(&d->inflate);
	free(d);
}
