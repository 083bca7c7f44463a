/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/codec.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/codec-impl.h"

enum { HEAD_MAX = 6 };

static const struct format {
	unsigned char magic[HEAD_MAX], mask[HEAD_MAX];
	size_t size;
	struct reader *(*new)(struct reader *from, const char *name);
	const char *unsupported;
} formats[] = {
	{{0x1f, 0x8b}, {0xff, 0xff}, 2, gzip_reader_new, NULL},
	{{0x28, 0xb5, 0x2f, 0xfd}, {0xff, 0xff, 0xff, 0xff}, 4, zstd_reader_new, NULL},
	/* A frame to be skipped may come first. */
	{{0x50, 0x2a, 0x4d, 0x18}, {0xf0, 0xff, 0xff, 0xff}, 4, zstd_reader_new, NULL},
	{{0xfd, '7', 'z', 'X', 'Z', 0}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 6, NULL, "xz"},
};

const char *codec_name(enum codec codec)
{
	static const char *const names[] = {"none", "gzip", "zstd"};

	return names[codec];
}

/* Gives back what was read to find out the format, then the rest. */
struct head_reader {
	struct reader reader, *from;
	unsigned char head[HEAD_MAX];
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

static bool has_magic(const struct head_reader *h, const struct format *f)
{
	if (h->n < f->size)
		return false;
	for (size_t i = 0; i < f->size; i++)
		if ((h->head[i] & f->mask[i]) != f->magic[i])
			return false;
	return true;
}

int decompress_reader_new(
	struct reader *from, const char *name, struct reader **ret, struct werr **err)
{
	struct head_reader *h = mem_new(struct head_reader);
	CLEANUP(reader) struct reader *whole = &h->reader;

	h->reader = (struct reader){head_reader_read, head_reader_free};
	h->from = from;
	while (h->n < HEAD_MAX) {
		size_t got = 0;
		int r = reader_read(from, h->head + h->n, HEAD_MAX - h->n, &got, err);

		if (r < 0)
			return r;
		if (got == 0)
			break;
		h->n += got;
	}
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (!has_magic(h, &formats[i]))
			continue;
		if (formats[i].unsupported)
			return werr_set(err, WERR_UNSUPPORTED, "%s is compressed by %s", name,
				formats[i].unsupported);
		*ret = formats[i].new(STEAL(whole), name);
		return 0;
	}
	*ret = STEAL(whole);
	return 0;
}
