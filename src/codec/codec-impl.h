/* SPDX-License-Identifier: Apache-2.0 */
/* The table of formats, and declarations shared by the readers and writers. */
#ifndef WHERRY_CODEC_CODEC_IMPL_H
#define WHERRY_CODEC_CODEC_IMPL_H

#include "codec/codec.h"

enum {
	CODEC_CHUNK = 128 * 1024,
	CODEC_WINDOW_LOG_WRITE = 23, /* 8 MiB: what RFC 8878 asks every decoder to support */
	/*
	 * 128 MiB: what zstd -22 uses and zstd -d accepts. Go's encoder uses 16 MiB from level 6
	 * and 32 MiB from level 10.
	 */
	CODEC_WINDOW_LOG_READ = 27,
};
enum { LZ4_BLOCK_MAX = 8 << 20 }; /* a block of the legacy frame, unpacked */
#define LZ4_LEGACY_MAGIC 0x184c2102u

/* How a stream begins. */
struct codec_magic {
	const char *bytes;
	size_t size;
	bool (*check)(const unsigned char *head); /* whether the rest matches, too; may be NULL */
	/* NULL: cannot be read. See below. */
	struct reader *(*open)(struct reader *from, const char *name, uint64_t *used);
};

struct codec_row {
	const char *name;
	bool in_layers; /* layers of images may be compressed with it */
	struct codec_magic magics[2];
	const struct compressor *compressor; /* NULL: cannot be written */
};

struct compress_writer;

struct compressor {
	const char *library; /* NULL for none */
	const char *(*version)(void);
	int level_min, level_max, level_default; /* 0 0 0: it has no levels */
	int (*init)(struct compress_writer *c, int level, struct werr **err);
	/* Compress what is held; last: also end the stream. */
	int (*pass)(struct compress_writer *c, bool last, struct werr **err);
	void (*end)(struct compress_writer *c); /* called even when init failed */
};

/* Find the format of a stream by its first bytes; NULL when it is not known. */
const struct codec_row *codec_find(
	const unsigned char *head, size_t size, const struct codec_magic **ret_magic);
const struct compressor *codec_compressor(enum codec codec);

extern const struct compressor codec_none_compressor, codec_gzip_compressor, codec_zstd_compressor,
	codec_xz_compressor, codec_lz4_compressor;

/*
 * All of these take over `from` and copy name, and never fail. used: NULL, or the reader ends
 * behind the first unit (codec.h), and *used counts the bytes that it takes.
 */
struct reader *gzip_reader_new(struct reader *from, const char *name, uint64_t *used);
struct reader *lz4_reader_new(
	struct reader *from, const char *name, uint64_t *used); /* the legacy frame */
struct reader *lz4_frame_reader_new(struct reader *from, const char *name, uint64_t *used);
struct reader *xz_reader_new(struct reader *from, const char *name, uint64_t *used);
struct reader *zstd_reader_new(struct reader *from, const char *name, uint64_t *used);

#endif
