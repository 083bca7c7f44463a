/* SPDX-License-Identifier: Apache-2.0 */
/* The reader that detects the compression of a stream from its first bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/codec-impl.h"

/* Returns the bytes that were read to detect the format, then the rest. */
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

static int open_reader(struct reader *from, const char *name, bool wide, uint64_t *used,
	struct reader **ret, struct werr **err)
{
	struct head_reader *h = mem_new(struct head_reader);
	CLEANUP(reader) struct reader *whole = &h->reader;
	const struct codec_magic *magic;
	const struct codec_row *row;
	int r;

	h->reader = (struct reader){head_reader_read, head_reader_free};
	h->from = from;
	r = read_head(h, err);
	if (r < 0)
		return r;
	row = codec_find(h->head, h->n, &magic);
	if (!row) {
		*ret = STEAL(whole);
		return 0;
	}
	if (!magic->open || !(wide || row->in_layers)) {
		werr_set(err, WERR_UNSUPPORTED, "%s is compressed with %s", name, row->name);
		werr_hint(err, "supported: %s", wide ? "gzip, xz, zstd and lz4" : "gzip and zstd");
		return werr_code(WERR_UNSUPPORTED);
	}
	*ret = magic->open(STEAL(whole), name, used);
	return 0;
}

int decompress_reader_new(
	struct reader *from, const char *name, struct reader **ret, struct werr **err)
{
	return open_reader(from, name, false, NULL, ret, err);
}

int decompress_wide_reader_new(
	struct reader *from, const char *name, struct reader **ret, struct werr **err)
{
	return open_reader(from, name, true, NULL, ret, err);
}

int decompress_unit_reader_new(struct reader *from, const char *name, uint64_t *used,
	struct reader **ret, struct werr **err)
{
	*used = 0;
	return open_reader(from, name, true, used, ret, err);
}
