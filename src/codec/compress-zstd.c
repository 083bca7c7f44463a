/* SPDX-License-Identifier: Apache-2.0 */
/* Writing zstd (RFC 8878), with a checksum and a window that every decoder supports. */
#include <stdlib.h>

#define ZSTD_STATIC_LINKING_ONLY /* for ZSTD_c_useRowMatchFinder */
#include <zstd.h>

#include "codec/compress-impl.h"

/* What is short is searched in rows, too, as libzstd does by itself only with SSE2 or NEON. */
static int zstd_init(struct compress_writer *c, int level, struct werr **err)
{
	enum { LEVEL_WITH_LARGE_WINDOW = 20 };
	ZSTD_CCtx *z = ZSTD_createCCtx();

	if (!z)
		abort();
	c->state = z;
	if (ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, level)) ||
		ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1)) ||
		ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_useRowMatchFinder, ZSTD_ps_enable)) ||
		(level >= LEVEL_WITH_LARGE_WINDOW &&
			ZSTD_isError(ZSTD_CCtx_setParameter(
				z, ZSTD_c_windowLog, CODEC_WINDOW_LOG_WRITE))))
		return werr_set(err, WERR_FAILED, "can't set up zstd compression");
	return 0;
}

static int zstd_pass(struct compress_writer *c, bool last, struct werr **err)
{
	ZSTD_inBuffer in = {c->in, c->held, 0};
	size_t left;

	do {
		ZSTD_outBuffer out = {c->out, sizeof(c->out), 0};
		int r;

		left = ZSTD_compressStream2(
			c->state, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left))
			return werr_set(err, WERR_FAILED, "zstd compression failed: %s",
				ZSTD_getErrorName(left));
		r = out.pos ? writer_write(c->to, c->out, out.pos, err) : 0;
		if (r < 0)
			return r;
	} while (last ? left > 0 : in.pos < in.size);
	return 0;
}

static void zstd_end(struct compress_writer *c)
{
	ZSTD_freeCCtx(c->state);
}

const struct compressor codec_zstd_compressor = {
	.library = "libzstd",
	.version = ZSTD_versionString,
	.level_min = 1,
	.level_max = 22,
	.level_default = 3,
	.init = zstd_init,
	.pass = zstd_pass,
	.end = zstd_end,
};
