/* SPDX-License-Identifier: Apache-2.0 */
/* Reading xz with liblzma, with a bound on its memory. */
#include <stdlib.h>

#include <lzma.h>

#include "base/mem.h"
#include "base/str.h"
#include "codec/codec-impl.h"

enum { XZ_MEMORY_MAX = 80 << 20 }; /* what xz -9 needs */

struct xz_reader {
	struct reader reader, *from;
	char *name;
	lzma_stream stream;
	bool input_ended, ended;
	uint64_t *used; /* or NULL */
	uint8_t in[CODEC_CHUNK];
};

static int refill(struct xz_reader *x, struct werr **err)
{
	size_t got = 0;
	int r;

	if (x->stream.avail_in > 0 || x->input_ended)
		return 0;
	r = reader_read(x->from, x->in, sizeof(x->in), &got, err);
	x->stream.next_in = x->in;
	x->stream.avail_in = got;
	x->input_ended = got == 0;
	if (x->used)
		*x->used += got;
	return r;
}

static int decode_failed(const struct xz_reader *x, lzma_ret code, struct werr **err)
{
	if (code == LZMA_MEMLIMIT_ERROR)
		return werr_set(err, WERR_LIMIT,
			"%s: the xz stream needs more than %d MiB of memory", x->name,
			XZ_MEMORY_MAX >> 20);
	return werr_set(err, WERR_CORRUPT, "%s: the xz stream is %s", x->name,
		code == LZMA_BUF_ERROR ? "truncated" : "broken");
}

static int xz_reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct xz_reader *x = CONTAINER_OF(r, struct xz_reader, reader);
	lzma_ret code = x->ended ? LZMA_STREAM_END : LZMA_OK;

	x->stream.next_out = p;
	x->stream.avail_out = size;
	while (x->stream.avail_out == size && code == LZMA_OK) {
		int res = refill(x, err);

		if (res < 0)
			return res;
		code = lzma_code(&x->stream, x->input_ended ? LZMA_FINISH : LZMA_RUN);
	}
	if (code != LZMA_OK && code != LZMA_STREAM_END)
		return decode_failed(x, code, err);
	if (code == LZMA_STREAM_END && x->used && !x->ended)
		*x->used -= x->stream.avail_in;
	x->ended = code == LZMA_STREAM_END;
	*got = size - x->stream.avail_out;
	return 0;
}

static void xz_reader_free(struct reader *r)
{
	struct xz_reader *x = CONTAINER_OF(r, struct xz_reader, reader);

	lzma_end(&x->stream);
	reader_free(x->from);
	free(x->name);
	free(x);
}

struct reader *xz_reader_new(struct reader *from, const char *name, uint64_t *used)
{
	struct xz_reader *x = mem_new(struct xz_reader);

	x->reader = (struct reader){xz_reader_read, xz_reader_free};
	x->from = from;
	x->used = used;
	x->name = str_dup(name);
	x->stream = (lzma_stream)LZMA_STREAM_INIT;
	/* This fails only when memory runs out. */
	if (lzma_stream_decoder(&x->stream, XZ_MEMORY_MAX, used ? 0 : LZMA_CONCATENATED) != LZMA_OK)
		abort();
	return &x->reader;
}
