/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed streams: gzip (RFC 1952, also several members), zstd (RFC 8878, also several frames),
 * and none. */
#ifndef WHERRY_CODEC_CODEC_H
#define WHERRY_CODEC_CODEC_H

#include "base/io.h"

enum codec { CODEC_NONE, CODEC_GZIP, CODEC_ZSTD, CODEC_XZ, CODEC_LZ4, CODECS };

/*
 * Reads `from` (owned, also when this fails) and gives what it holds uncompressed; the format is
 * found out from the first bytes. xz, lz4, bzip2 and lzma are WERR_UNSUPPORTED, and everything else
 * passes as it is. A broken or cut stream, or bytes behind its end, are WERR_CORRUPT. Memory: at
 * most 130 MiB, but what a zstd stream's window is (usually some MiB; beyond 128 MiB is WERR_LIMIT)
 * takes only what is filled. name is for errors, copied.
 */
int decompress_reader_new(
	struct reader *from, const char *name, struct reader **ret, struct werr **err);

/*
 * The same for what is compressed as far as it goes, kernels and Debian's packages: also xz and lz4
 * (its frames, and the legacy one). Memory: up to the window, or to 80 MiB for xz; what is
 * compressed in the usual way needs much less.
 */
int decompress_wide_reader_new(
	struct reader *from, const char *name, struct reader **ret, struct werr **err);

/*
 * Compresses into `to` (not owned). The same bytes in, whatever the pieces they come in, are the
 * same bytes out of the same version of the library. level 0: the default (zstd 3, gzip 4, xz 6,
 * lz4 9). finish writes the end of the stream and finishes `to`. CODEC_NONE only gathers small
 * pieces into large ones. xz has CRC32 as its check and lz4 is the legacy frame, as the kernel
 * takes them. Windows never pass 8 MiB, which whoever unpacks needs as memory; a compressor needs a
 * few MiB, but up to 100 MiB for xz and at the highest levels of zstd. WERR_USAGE: no such level.
 */
int compress_writer_new(
	struct writer *to, enum codec codec, int level, struct writer **ret, struct werr **err);

struct compression {
	enum codec codec;
	int level;
};
/* From "zstd" or "zstd:19"; WERR_USAGE. */
int codec_parse(const char *text, struct compression *ret, struct werr **err);

/*
 * What bytes that begin like this are compressed by: "gzip", "zstd", "xz", "lz4", "bzip2", "lzma",
 * "lzo"; NULL: by none of these.
 */
enum { CODEC_HEAD = 6 }; /* bytes that tell it */
const char *codec_detect(const void *head, size_t size);

/*
 * The library that compresses, "libzstd", NULL for none, and its version: another one may write
 * other bytes.
 */
const char *codec_library(enum codec codec);
const char *codec_version(enum codec codec);

/* "none", "gzip", "zstd", "xz", "lz4". */
const char *codec_name(enum codec codec);
/* All of them; NULL ends them. */
const char *const *codec_names(void);

#endif
