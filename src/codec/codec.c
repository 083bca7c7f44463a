/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/codec.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/codec-impl.h"

typedef struct reader *new_reader(struct reader *from, const char *name);

static bool is_lzma(const unsigned char *head);

static const struct format {
	const char *name;
	unsigned char magic[CODEC_HEAD], mask[CODEC_HEAD];
	size_t size;
	new_reader *layers, *wide;                /* NULL: not taken */
	bool (*check)(const unsigned char *head); /* NULL; or whether the rest looks like it */
} formats[] = {
	{"gzip", {0x1f, 0x8b}, {0xff, 0xff}, 2, gzip_reader_new, gzip_reader_new, NULL},
	{"zstd", {0x28, 0xb5, 0x2f, 0xfd}, {0xff, 0xff, 0xff, 0xff}, 4, zstd_reader_new,
		zstd_reader_new, NULL},
	/* A frame to be skipped may come first. */
	{"zstd", {0x50, 0x2a, 0x4d, 0x18}, {0xf0, 0xff, 0xff, 0xff}, 4, zstd_reader_new,
		zstd_reader_new, NULL},
	{"xz", {0xfd, '7', 'z', 'X', 'Z', 0}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 6, NULL,
		xz_reader_new, NULL},
	{"lz4", {0x02, 0x21, 0x4c, 0x18}, {0xff, 0xff, 0xff, 0xff}, 4, NULL, lz4_reader_new, NULL},
	{"lz4", {0x04, 0x22, 0x4d, 0x18}, {0xff, 0xff, 0xff, 0xff}, 4, NULL, lz4_frame_reader_new,
		NULL},
	/* Behind "BZh" and the level a block begins, by the digits of pi. */
	{"bzip2", {'B', 'Z', 'h', 0, 0x31, 0x41}, {0xff, 0xff, 0xff, 0, 0xff, 0xff}, 6, NULL, NULL,
		NULL},
	{"lzma", {0x5d, 0x00, 0x00}, {0xff, 0xff, 0xff}, 3, NULL, NULL, is_lzma},
};

/* The size of the dictionary, at least 64 KiB; a tar's first name could only have zeros there. */
static bool is_lzma(const unsigned char *head)
{
	return head[3] != 0 || head[4] != 0;
}

/* Gives back what was read to find out the format, then the rest. */
struct head_reader {
	struct reader reader, *from;
	unsigned char head[CODEC_HEAD];
	size_t at, n;
};

static int head_reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct head_reader *h = CONTAINER_OF(r, struct head_reader, reader);
	size_t left = h->n - h->at;

	if (left == 0)
		return reader_read(h->from, p, size, got, err);
	*got = size < left ? size : left;
	memcpy(p, h->head + h->at, *got);
	h->at += *got;
	return 0;
}

static void head_reader_free(struct reader *r)
{
	struct head_reader *h = CONTAINER_OF(r, struct head_reader, reader);

	reader_free(h->from);
	free(h);
}

static const struct format *find_format(const unsigned char *head, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		const struct format *f = &formats[i];
		size_t n = 0;

		while (n < f->size && n < size && (head[n] & f->mask[n]) == f->magic[n])
			n++;
		if (n == f->size && (!f->check || (size == CODEC_HEAD && f->check(head))))
			return f;
	}
	return NULL;
}

const char *codec_detect(const void *head, size_t size)
{
	const struct format *f = find_format(head, size);

	return f ? f->name : NULL;
}

static int read_head(struct head_reader *h, struct werr **err)
{
	while (h->n < CODEC_HEAD) {
		size_t got = 0;
		int r = reader_read(h->from, h->head + h->n, CODEC_HEAD - h->n, &got, err);

		if (r < 0 || got == 0)
			return r;
		h->n += got;
	}
	return 0;
}

static int open_reader(
	struct reader *from, const char *name, bool wide, struct reader **ret, struct werr **err)
{
	struct head_reader *h = mem_new(struct head_reader);
	CLEANUP(reader) struct reader *whole = &h->reader;
	const struct format *format;
	new_reader *new;
	int r;

	h->reader = (struct reader){head_reader_read, head_reader_free};
	h->from = from;
	r = read_head(h, err);
	if (r < 0)
		return r;
	format = find_format(h->head, h->n);
	if (!format) {
		*ret = STEAL(whole);
		return 0;
	}
	new = wide ? format->wide : format->layers;
	if (!new) {
		werr_set(err, WERR_UNSUPPORTED, "%s is compressed by %s", name, format->name);
		werr_hint(err, "it can be compressed by %s",
			wide ? "gzip, xz, zstd or lz4" : "gzip or zstd");
		return werr_code(WERR_UNSUPPORTED);
	}
	*ret = new (STEAL(whole), name);
	return 0;
}

int decompress_reader_new(
	struct reader *from, const char *name, struct reader **ret, struct werr **err)
{
	return open_reader(from, name, false, ret, err);
}

int decompress_wide_reader_new(
	struct reader *from, const char *name, struct reader **ret, struct werr **err)
{
	return open_reader(from, name, true, ret, err);
}
