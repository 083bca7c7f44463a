/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <lz4.h>

#include "base/mem.h"
#include "base/str.h"
#include "codec/compress-impl.h"

static int none_init(
	ATTR_UNUSED struct compress_writer *c, ATTR_UNUSED int level, ATTR_UNUSED struct werr **err)
{
	return 0;
}

static int none_pass(struct compress_writer *c, ATTR_UNUSED bool last, struct werr **err)
{
	return c->held ? writer_write(c->to, c->in, c->held, err) : 0;
}

static void none_end(ATTR_UNUSED struct compress_writer *c)
{
}

static int gzip_init(struct compress_writer *c, int level, struct werr **err)
{
	enum { WINDOW_AND_GZIP = 15 + 16, MEMORY_DEFAULT = 8, OS_UNKNOWN = 255 };

	c->header.os = OS_UNKNOWN;
	if (deflateInit2(&c->deflate, level, Z_DEFLATED, WINDOW_AND_GZIP, MEMORY_DEFAULT,
		    Z_DEFAULT_STRATEGY) != Z_OK ||
		deflateSetHeader(&c->deflate, &c->header) != Z_OK)
		return werr_set(err, WERR_FAILED, "can't set up gzip compression");
	return 0;
}

static int gzip_pass(struct compress_writer *c, bool last, struct werr **err)
{
	int state;

	c->deflate.next_in = (Bytef *)c->in;
	c->deflate.avail_in = (uInt)c->held;
	do {
		size_t n;
		int r;

		c->deflate.next_out = (Bytef *)c->out;
		c->deflate.avail_out = sizeof(c->out);
		state = deflate(&c->deflate, last ? Z_FINISH : Z_NO_FLUSH);
		if (state == Z_STREAM_ERROR)
			return werr_set(err, WERR_FAILED, "gzip compression failed");
		n = sizeof(c->out) - c->deflate.avail_out;
		r = n ? writer_write(c->to, c->out, n, err) : 0;
		if (r < 0)
			return r;
	} while (last ? state != Z_STREAM_END : c->deflate.avail_in > 0);
	return 0;
}

static void gzip_end(struct compress_writer *c)
{
	deflateEnd(&c->deflate);
}

static int zstd_init(struct compress_writer *c, int level, struct werr **err)
{
	enum { LEVEL_WITH_LARGE_WINDOW = 20 };

	c->zstd = ZSTD_createCCtx();
	if (!c->zstd)
		abort();
	if (ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_compressionLevel, level)) ||
		ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_checksumFlag, 1)) ||
		(level >= LEVEL_WITH_LARGE_WINDOW &&
			ZSTD_isError(ZSTD_CCtx_setParameter(
				c->zstd, ZSTD_c_windowLog, CODEC_WINDOW_LOG_WRITE))))
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
			c->zstd, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
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
	ZSTD_freeCCtx(c->zstd);
}

static const struct compressor compressors[] = {
	[CODEC_NONE] = {"none", NULL, NULL, 0, 0, 0, none_init, none_pass, none_end},
	[CODEC_GZIP] = {"gzip", "zlib", zlibVersion, 1, 9, 4, gzip_init, gzip_pass, gzip_end},
	[CODEC_ZSTD] = {"zstd", "libzstd", ZSTD_versionString, 1, 22, 3, zstd_init, zstd_pass,
		zstd_end},
	[CODEC_XZ] = {"xz", "liblzma", lzma_version_string, 1, 9, 6, xz_init, xz_pass, xz_end},
	[CODEC_LZ4] = {"lz4", "liblz4", LZ4_versionString, 1, 12, 9, lz4_init, lz4_pass, lz4_end},
};
_Static_assert(ARRAY_SIZE(compressors) == CODECS, "a row for each codec");

const char *codec_name(enum codec codec)
{
	return compressors[codec].name;
}

const char *const *codec_names(void)
{
	static const char *const names[] = {"zstd", "gzip", "lz4", "xz", "none", NULL};

	return names;
}

const char *codec_library(enum codec codec)
{
	return compressors[codec].library;
}

const char *codec_version(enum codec codec)
{
	return compressors[codec].version ? compressors[codec].version() : "";
}

int codec_parse(const char *text, struct compression *ret, struct werr **err)
{
	for (int codec = 0; codec < CODECS; codec++) {
		const struct compressor *c = &compressors[codec];
		const char *rest = str_after(text, c->name);
		int64_t level = c->level_default;

		if (!rest || (*rest && *rest != ':'))
			continue;
		if (*rest && (c->level_max == 0 || str_to_i64(rest + 1, 10, &level) < 0 ||
				     level < c->level_min || level > c->level_max))
			return c->level_max == 0
				       ? werr_set(err, WERR_USAGE, "'%s': %s has no levels", text,
						 c->name)
				       : werr_set(err, WERR_USAGE,
						 "'%s': the levels of %s are %d to %d", text,
						 c->name, c->level_min, c->level_max);
		*ret = (struct compression){(enum codec)codec, (int)level};
		return 0;
	}
	return werr_set(err, WERR_USAGE,
		"unknown compression '%s': it is gzip, zstd, lz4, xz or none", text);
}

static int compress_writer_write(struct writer *w, const void *p, size_t size, struct werr **err)
{
	struct compress_writer *c = CONTAINER_OF(w, struct compress_writer, writer);

	while (size > 0) {
		size_t room = sizeof(c->in) - c->held, part = size < room ? size : room;

		memcpy(c->in + c->held, p, part);
		c->held += part;
		p = (const char *)p + part;
		size -= part;
		if (c->held == sizeof(c->in)) {
			int r = c->compressor->pass(c, false, err);

			if (r < 0)
				return r;
			c->held = 0;
		}
	}
	return 0;
}

static int compress_writer_finish(struct writer *w, struct werr **err)
{
	struct compress_writer *c = CONTAINER_OF(w, struct compress_writer, writer);
	int r = c->compressor->pass(c, true, err);

	return r < 0 ? r : writer_finish(c->to, err);
}

static void compress_writer_free(struct writer *w)
{
	struct compress_writer *c = CONTAINER_OF(w, struct compress_writer, writer);

	c->compressor->end(c);
	free(c);
}

int compress_writer_new(
	struct writer *to, enum codec codec, int level, struct writer **ret, struct werr **err)
{
	const struct compressor *b = &compressors[codec];
	CLEANUP(writer) struct writer *w = NULL;
	struct compress_writer *c;
	int r;

	if (level != 0 && (level < b->level_min || level > b->level_max))
		return werr_set(err, WERR_USAGE, "%s has no compression level %d, only %d to %d",
			b->name, level, b->level_min, b->level_max);
	c = mem_new(struct compress_writer);
	c->writer = (struct writer){
		compress_writer_write, compress_writer_finish, compress_writer_free};
	c->to = to;
	c->compressor = b;
	w = &c->writer;
	r = b->init(c, level ? level : b->level_default, err);
	if (r < 0)
		return r;
	*ret = STEAL(w);
	return 0;
}
