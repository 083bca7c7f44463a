/* SPDX-License-Identifier: Apache-2.0 */
/* Reading zstd (RFC 8878), of one or several frames, with a bound on the window. */
#include <stdlib.h>

#include <zstd.h>
#include <zstd_errors.h>

#include "base/mem.h"
#include "base/str.h"
#include "codec/codec-impl.h"

struct zstd_reader {
	struct reader reader, *from;
	char *name;
	ZSTD_DCtx *context;
	ZSTD_inBuffer in;
	size_t hint; /* 0: at the end of a frame */
	bool input_ended, frame_ended;
	uint64_t *used; /* or NULL */
	char chunk[CODEC_CHUNK];
};

static int refill(struct zstd_reader *z, struct werr **err)
{
	size_t got = 0;
	int r;

	if (z->in.pos < z->in.size || z->input_ended)
		return 0;
	r = reader_read(z->from, z->chunk, sizeof(z->chunk), &got, err);
	if (r < 0)
		return r;
	z->input_ended = got == 0;
	if (z->used)
		*z->used += got;
	z->in = (ZSTD_inBuffer){z->chunk, got, 0};
	return 0;
}

static int decode_failed(struct zstd_reader *z, size_t code, struct werr **err)
{
	if (ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge) {
		werr_set(err, WERR_LIMIT, "%s: the zstd stream needs a window of more than %d MiB",
			z->name, 1 << (CODEC_WINDOW_LOG_READ - 20));
		werr_hint(err, "compress it with: zstd --long=%d", CODEC_WINDOW_LOG_READ);
		return werr_code(WERR_LIMIT);
	}
	return werr_set(err, WERR_CORRUPT, "%s: the zstd stream is broken: %s", z->name,
		ZSTD_getErrorName(code));
}

static int zstd_reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct zstd_reader *z = CONTAINER_OF(r, struct zstd_reader, reader);
	ZSTD_outBuffer out = {p, size, 0};

	*got = 0;
	while (out.pos == 0 && !z->frame_ended) {
		size_t before;
		int res = refill(z, err);

		if (res < 0)
			return res;
		if (z->input_ended && z->hint == 0)
			return 0;
		before = z->in.pos;
		z->hint = ZSTD_decompressStream(z->context, &out, &z->in);
		if (ZSTD_isError(z->hint))
			return decode_failed(z, z->hint, err);
		z->frame_ended = z->used && z->hint == 0;
		if (z->frame_ended)
			*z->used -= z->in.size - z->in.pos;
		/* The decoder may still have output left when it has consumed all input. */
		if (z->input_ended && z->in.pos == before && out.pos == 0 && z->hint != 0)
			return werr_set(
				err, WERR_CORRUPT, "%s: the zstd stream is truncated", z->name);
	}
	*got = out.pos;
	return 0;
}

static void zstd_reader_free(struct reader *r)
{
	struct zstd_reader *z = CONTAINER_OF(r, struct zstd_reader, reader);

	ZSTD_freeDCtx(z->context);
	reader_free(z->from);
	free(z->name);
	free(z);
}

struct reader *zstd_reader_new(struct reader *from, const char *name, uint64_t *used)
{
	struct zstd_reader *z = mem_new(struct zstd_reader);

	z->reader = (struct reader){zstd_reader_read, zstd_reader_free};
	z->from = from;
	z->used = used;
	z->name = str_dup(name);
	z->context = ZSTD_createDCtx();
	if (!z->context)
		abort();
	ZSTD_DCtx_setParameter(z->context, ZSTD_d_windowLogMax, CODEC_WINDOW_LOG_READ);
	return &z->reader;
}
