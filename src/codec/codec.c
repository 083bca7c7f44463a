/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/codec.h"

#include <string.h>

#include "base/str.h"
#include "codec/codec-impl.h"

/* A skippable frame, which may come first; the low bits of its first byte are arbitrary. */
static bool is_skippable(const unsigned char *head)
{
	return (head[0] & 0xf0) == 0x50 && memcmp(head + 1, "\x2a\x4d\x18", 3) == 0;
}

/* "BZh" and the level are followed by a block, which starts with the digits of pi. */
static bool is_bzip2(const unsigned char *head)
{
	return head[4] == 0x31 && head[5] == 0x41;
}

/* The dictionary has at least 64 KiB; the first name of a tar could have only zeros there. */
static bool is_lzma(const unsigned char *head)
{
	return head[3] != 0 || head[4] != 0;
}

/* First the formats that can be written, indexed by enum codec. */
static const struct codec_row rows[] = {
	[CODEC_NONE] = {"none", false, {{0}}, &codec_none_compressor},
	[CODEC_GZIP] = {"gzip", true, {{"\x1f\x8b", 2, NULL, gzip_reader_new}},
		&codec_gzip_compressor},
	[CODEC_ZSTD] = {"zstd", true,
		{{"\x28\xb5\x2f\xfd", 4, NULL, zstd_reader_new},
			{"", 0, is_skippable, zstd_reader_new}},
		&codec_zstd_compressor},
	[CODEC_XZ] = {"xz", false, {{"\xfd\x37zXZ", 6, NULL, xz_reader_new}}, &codec_xz_compressor},
	[CODEC_LZ4] = {"lz4", false,
		{{"\x02\x21\x4c\x18", 4, NULL, lz4_reader_new},
			{"\x04\x22\x4d\x18", 4, NULL, lz4_frame_reader_new}},
		&codec_lz4_compressor},
	{"bzip2", false, {{"BZh", 3, is_bzip2, NULL}}, NULL},
	{"lzma", false, {{"\x5d\0", 3, is_lzma, NULL}}, NULL},
	{"lzo", false, {{"\x89LZO\0\r", 6, NULL, NULL}}, NULL},
};

static bool begins_with(const struct codec_magic *m, const unsigned char *head, size_t size)
{
	if (!m->bytes || size < m->size || memcmp(head, m->bytes, m->size) != 0)
		return false;
	return !m->check || (size >= CODEC_HEAD && m->check(head));
}

const struct codec_row *codec_find(
	const unsigned char *head, size_t size, const struct codec_magic **ret_magic)
{
	for (const struct codec_row *row = rows; row < rows + ARRAY_SIZE(rows); row++)
		for (size_t i = 0; i < ARRAY_SIZE(row->magics); i++)
			if (begins_with(&row->magics[i], head, size)) {
				*ret_magic = &row->magics[i];
				return row;
			}
	return NULL;
}

const char *codec_detect(const void *head, size_t size)
{
	const struct codec_magic *magic;
	const struct codec_row *row = codec_find(head, size, &magic);

	return row ? row->name : NULL;
}

const struct compressor *codec_compressor(enum codec codec)
{
	return rows[codec].compressor;
}

const char *codec_name(enum codec codec)
{
	return rows[codec].name;
}

const char *const *codec_names(void)
{
	/* Recommended ones first. */
	static const char *const names[] = {"zstd", "gzip", "lz4", "xz", "none", NULL};

	_Static_assert(ARRAY_SIZE(names) == CODECS + 1, "every codec is listed");
	return names;
}

const char *codec_library(enum codec codec)
{
	return rows[codec].compressor->library;
}

const char *codec_version(enum codec codec)
{
	const struct compressor *c = rows[codec].compressor;

	return c->version ? c->version() : "";
}

int codec_parse(const char *text, struct compression *ret, struct werr **err)
{
	for (int codec = 0; codec < CODECS; codec++) {
		const struct compressor *c = rows[codec].compressor;
		const char *name = rows[codec].name, *rest = str_after(text, name);
		int64_t level = c->level_default;

		if (!rest || (*rest && *rest != ':'))
			continue;
		if (*rest && (c->level_max == 0 || str_to_i64(rest + 1, 10, &level) < 0 ||
				     level < c->level_min || level > c->level_max))
			return c->level_max == 0 ? werr_set(err, WERR_USAGE,
							   "'%s': %s has no levels", text, name)
						 : werr_set(err, WERR_USAGE,
							   "'%s': the levels of %s are %d to %d",
							   text, name, c->level_min, c->level_max);
		*ret = (struct compression){(enum codec)codec, (int)level};
		return 0;
	}
	return werr_set(
		err, WERR_USAGE, "unknown compression '%s'; use gzip, zstd, lz4, xz or none", text);
}
