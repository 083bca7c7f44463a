/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading lz4's legacy frame, which kernels are packed with (doc/lz4_Frame_format.md of lz4,
 * "Legacy frame").
 */
#include <stdlib.h>
#include <string.h>

#include <lz4.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/codec-impl.h"

enum { WORD = 4 };

struct lz4_reader {
	struct reader reader, *from;
	char *name;
	bool begun, ended;
	uint64_t *used; /* or NULL */
	size_t at, n;   /* what is left of the block */
	char *in, *out;
};

/* Read a word; *ret_end is set at the end of the stream. */
static int read_word(struct lz4_reader *l, uint32_t *ret, bool *ret_end, struct werr **err)
{
	unsigned char word[WORD];
	size_t got = 0;
	int r = reader_read(l->from, word, 1, &got, err);

	*ret_end = got == 0;
	l->ended = got == 0;
	if (r < 0 || got == 0)
		return r;
	r = reader_read_full(l->from, word + 1, WORD - 1, err);
	*ret = le32_get(word);
	if (l->used)
		*l->used += WORD;
	return r;
}

static int broken(const struct lz4_reader *l, struct werr **err)
{
	return werr_set(err, WERR_CORRUPT, "%s: the lz4 stream is broken", l->name);
}

static bool is_size(uint32_t size)
{
	return size > 0 && size <= LZ4_COMPRESSBOUND(LZ4_BLOCK_MAX);
}

/* Unpack the next block, possibly of a further frame. n stays 0 at the end. */
static int next_block(struct lz4_reader *l, struct werr **err)
{
	uint32_t size = 0;
	bool end = false;
	int r, n;

	do {
		r = read_word(l, &size, &end, err);
		if (r < 0 || end)
			return r;
		if (!l->begun && size != LZ4_LEGACY_MAGIC)
			return broken(l, err);
		l->begun = true;
	} while (size == LZ4_LEGACY_MAGIC);
	if (l->used && !is_size(size)) {
		/* Zeros, or what comes behind it. */
		*l->used -= WORD;
		l->ended = true;
		return 0;
	}
	if (!is_size(size))
		return broken(l, err);
	r = reader_read_full(l->from, l->in, size, err);
	if (r < 0) {
		werr_wrap(err, "%s: the lz4 stream", l->name);
		return r;
	}
	if (l->used)
		*l->used += size;
	n = LZ4_decompress_safe(l->in, l->out, (int)size, LZ4_BLOCK_MAX);
	if (n <= 0)
		return broken(l, err);
	l->at = 0;
	l->n = (size_t)n;
	return 0;
}

static int lz4_reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct lz4_reader *l = CONTAINER_OF(r, struct lz4_reader, reader);
	int res = l->n == 0 && !l->ended ? next_block(l, err) : 0;

	if (res < 0)
		return res;
	*got = size < l->n ? size : l->n;
	memcpy(p, l->out + l->at, *got);
	l->at += *got;
	l->n -= *got;
	return 0;
}

static void lz4_reader_free(struct reader *r)
{
	struct lz4_reader *l = CONTAINER_OF(r, struct lz4_reader, reader);

	reader_free(l->from);
	free(l->name);
	free(l->in);
	free(l->out);
	free(l);
}

struct reader *lz4_reader_new(struct reader *from, const char *name, uint64_t *used)
{
	struct lz4_reader *l = mem_new(struct lz4_reader);

	l->reader = (struct reader){lz4_reader_read, lz4_reader_free};
	l->from = from;
	l->used = used;
	l->name = str_dup(name);
	l->in = mem_alloc(LZ4_COMPRESSBOUND(LZ4_BLOCK_MAX));
	l->out = mem_alloc(LZ4_BLOCK_MAX);
	return &l->reader;
}
