/* SPDX-License-Identifier: Apache-2.0 */
/* What codec.c and the compressors share. */
#ifndef WHERRY_CODEC_COMPRESS_IMPL_H
#define WHERRY_CODEC_COMPRESS_IMPL_H

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "codec/codec-impl.h"

/*
 * The compressors are given chunks of one size, whatever the writes were: their output may depend
 * on how the input is cut.
 */
struct compress_writer {
	struct writer writer, *to;
	const struct compressor *compressor;
	z_stream deflate;
	gz_header header; /* zlib keeps a pointer to it */
	ZSTD_CCtx *zstd;
	lzma_stream xz;
	struct lz4_block *lz4;
	size_t held;
	char in[CODEC_CHUNK], out[CODEC_CHUNK];
};

struct compressor {
	const char *name, *library; /* library: NULL for none */
	const char *(*version)(void);
	int level_min, level_max, level_default; /* 0 0 0: it has no levels */
	int (*init)(struct compress_writer *c, int level, struct werr **err);
	/* Compress what is held; with last, end the stream. */
	int (*pass)(struct compress_writer *c, bool last, struct werr **err);
	void (*end)(struct compress_writer *c); /* also after a failed init */
};

/* compress-lz4.c, compress-xz.c */
int lz4_init(struct compress_writer *c, int level, struct werr **err);
int lz4_pass(struct compress_writer *c, bool last, struct werr **err);
void lz4_end(struct compress_writer *c);
int xz_init(struct compress_writer *c, int level, struct werr **err);
int xz_pass(struct compress_writer *c, bool last, struct werr **err);
void xz_end(struct compress_writer *c);

#endif
