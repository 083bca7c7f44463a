/* SPDX-License-Identifier: Apache-2.0 */
/* What the writer of compressed streams and the compressors share. */
#ifndef WHERRY_CODEC_COMPRESS_IMPL_H
#define WHERRY_CODEC_COMPRESS_IMPL_H

#include "codec/codec-impl.h"

/*
 * The compressors are given chunks of one size, whatever the writes were: their output may depend
 * on how the input is cut.
 */
struct compress_writer {
	struct writer writer, *to;
	const struct compressor *compressor;
	void *state; /* the compressor's */
	size_t held;
	char in[CODEC_CHUNK], out[CODEC_CHUNK];
};

#endif
