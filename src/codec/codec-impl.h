/* SPDX-License-Identifier: Apache-2.0 */
/* What codec.c and its decoders share. */
#ifndef WHERRY_CODEC_CODEC_IMPL_H
#define WHERRY_CODEC_CODEC_IMPL_H

#include "codec/codec.h"

enum {
	CODEC_CHUNK = 128 * 1024,
	CODEC_WINDOW_LOG_WRITE = 23, /* 8 MiB: what RFC 8878 asks every decoder to support */
	/*
	 * 128 MiB: what zstd -22 uses, and zstd -d takes. Go's encoder uses 16 and 32 MiB from its
	 * levels 6 and 10 on.
	 */
	CODEC_WINDOW_LOG_READ = 27,
};
enum { LZ4_BLOCK_MAX = 8 << 20 }; /* of the legacy frame, unpacked */
#define LZ4_LEGACY_MAGIC 0x184c2102u

/* All take over `from` and copy name. */
struct reader *gzip_reader_new(struct reader *from, const char *name);
struct reader *lz4_reader_new(struct reader *from, const char *name); /* the legacy frame */
struct reader *lz4_frame_reader_new(struct reader *from, const char *name);
struct reader *xz_reader_new(struct reader *from, const char *name);
struct reader *zstd_reader_new(struct reader *from, const char *name);

#endif
