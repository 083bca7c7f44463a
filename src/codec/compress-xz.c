/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing xz as the kernel can unpack it (Documentation/staging/xz.rst): CRC32 as the check, LZMA2
 * as the only filter.
 */
#include <stdlib.h>

#include <lzma.h>

#include "base/mem.h"
#include "codec/compress-impl.h"

static int xz_init(struct compress_writer *c, int level, struct werr **err)
{
	lzma_options_lzma options;
	const lzma_filter filters[] = {
		{.id = LZMA_FILTER_LZMA2, .options = &options}, {.id = LZMA_VLI_UNKNOWN}};
	lzma_stream *xz = mem_new(lzma_stream);

	*xz = (lzma_stream)LZMA_STREAM_INIT;
	c->state = xz;
	if (lzma_lzma_preset(&options, (uint32_t)level))
		return werr_set(err, WERR_FAILED, "can't set up xz compression");
	/* The window is also the memory that unpacking needs while booting. */
	if (options.dict_size > 1u << CODEC_WINDOW_LOG_WRITE)
		options.dict_size = 1u << CODEC_WINDOW_LOG_WRITE;
	if (lzma_stream_encoder(xz, filters, LZMA_CHECK_CRC32) != LZMA_OK)
		return werr_set(err, WERR_FAILED, "can't set up xz compression");
	return 0;
}

static int xz_pass(struct compress_writer *c, bool last, struct werr **err)
{
	lzma_stream *xz = c->state;
	lzma_ret state;

	xz->next_in = (const uint8_t *)c->in;
	xz->avail_in = c->held;
	do {
		size_t n;
		int r;

		xz->next_out = (uint8_t *)c->out;
		xz->avail_out = sizeof(c->out);
		state = lzma_code(xz, last ? LZMA_FINISH : LZMA_RUN);
		if (state != LZMA_OK && state != LZMA_STREAM_END)
			return werr_set(err, WERR_FAILED, "xz compression failed");
		n = sizeof(c->out) - xz->avail_out;
		r = n ? writer_write(c->to, c->out, n, err) : 0;
		if (r < 0)
			return r;
	} while (last ? state != LZMA_STREAM_END : xz->avail_in > 0);
	return 0;
}

static void xz_end(struct compress_writer *c)
{
	lzma_end(c->state);
	free(c->state);
}

const struct compressor codec_xz_compressor = {
	.library = "liblzma",
	.version = lzma_version_string,
	.level_min = 1,
	.level_max = 9,
	.level_default = 6,
	.init = xz_init,
	.pass = xz_pass,
	.end = xz_end,
};
