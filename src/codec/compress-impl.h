/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations shared by the writer of compressed streams and the compressors. */
#ifndef WHERRY_CODEC_COMPRESS_IMPL_H
#define WHERRY_CODEC_COMPRESS_IMPL_H

#include "codec/codec-impl.h"

/*
 * Compressors get chunks of one size, however the input was written, since their output may depend
 * on how the input is split.
 */
struct compress_writer {
	struct writer writer, *to;
	const struct compressor *compressor;
	void *state; /* the compressor's */
	size_t held;
	char in[CODEC_CHUNK], out[CODEC_CHUNK];
};

#endif
