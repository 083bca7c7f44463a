/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compressed streams: gzip (RFC 1952, also of several members), zstd (RFC 8878, also of several
 * frames), xz and lz4.
 */
#ifndef WHERRY_CODEC_CODEC_H
#define WHERRY_CODEC_CODEC_H

#include "base/bytes.h"

enum codec { CODEC_NONE, CODEC_GZIP, CODEC_ZSTD, CODEC_XZ, CODEC_LZ4, CODECS };

/*
 * Decompress what is read from `from` (taken over, even when this fails). The format is detected
 * from the first bytes: gzip or zstd; anything unknown is passed through unchanged. name is for
 * errors, and is copied. WERR_UNSUPPORTED: another format that codec_detect() knows. While reading,
 * WERR_CORRUPT: the stream is broken or truncated, or followed by other bytes; WERR_LIMIT: a zstd
 * window above 128 MiB. Memory: at most 130 MiB, but usually a few MiB, as only the used part of a
 * zstd stream's window counts.
 */
int decompress_reader_new(
	struct reader *from, const char *name, struct reader **ret, struct werr **err);

/*
 * The same for kernels and Debian packages, which may also use xz or lz4 (its current and its
 * legacy frame). An xz stream needs up to 80 MiB of memory (WERR_LIMIT beyond that), but usually
 * much less.
 */
int decompress_wide_reader_new(
	struct reader *from, const char *name, struct reader **ret, struct werr **err);

/*
 * The same for the first unit only: a frame of zstd, a member of gzip, a stream of xz, a frame of
 * lz4, of which the kernel unpacks several from one initrd. *used is how many bytes of `from` it
 * takes, as soon as all of it was read; more may have been read ahead. It must live as long as the
 * reader.
 */
int decompress_unit_reader_new(struct reader *from, const char *name, uint64_t *used,
	struct reader **ret, struct werr **err);
/*
 * Whether a frame of zstd (RFC 8878, 3.1.1) begins at a place, and how many bytes it takes, which
 * is found without decompressing it.
 */
bool codec_zstd_frame(struct bytes *b, uint64_t at, uint64_t *ret_size);

/*
 * Compress into `to` (not owned). With one version of the library, the output depends only on the
 * bytes written, not on how they are split into writes. level 0: the default (zstd 3, gzip 4, xz 6,
 * lz4 9). finish writes the end of the stream and finishes `to`. CODEC_NONE only gathers small
 * writes into large ones. xz uses CRC32 as its check, and lz4 the legacy frame, as the kernel
 * expects. Windows are at most 8 MiB, which is what decompression needs as memory; a compressor
 * needs a few MiB, but up to 100 MiB for xz and the highest levels of zstd. WERR_USAGE: no such
 * level.
 */
int compress_writer_new(
	struct writer *to, enum codec codec, int level, struct writer **ret, struct werr **err);

struct compression {
	enum codec codec;
	int level;
};
/* Parse "zstd" or "zstd:19". WERR_USAGE: unknown name, or no such level. */
int codec_parse(const char *text, struct compression *ret, struct werr **err);

/*
 * Detect the compression from the first bytes: "gzip", "zstd", "xz", "lz4", "bzip2", "lzma" or
 * "lzo", or NULL for anything else.
 */
enum { CODEC_HEAD = 6 }; /* bytes needed to detect any of them */
const char *codec_detect(const void *head, size_t size);

/*
 * The library that compresses, such as "libzstd" (NULL for CODEC_NONE), and its version. Another
 * version may write other bytes.
 */
const char *codec_library(enum codec codec);
const char *codec_version(enum codec codec);

/* "none", "gzip", "zstd", "xz" or "lz4". */
const char *codec_name(enum codec codec);
/* All names, terminated by NULL. */
const char *const *codec_names(void);

#endif
