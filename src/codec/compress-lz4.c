/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing lz4's legacy frame, the one that the kernel unpacks: a magic number, then blocks of 8
 * MiB, each preceded by its packed size.
 */
#include <stdlib.h>
#include <string.h>

#include <lz4.h>
#include <lz4hc.h>

#include "base/endian.h"
#include "base/mem.h"
#include "codec/compress-impl.h"

enum { LEVEL_HC_MIN = 3, WORD = 4 }; /* as in the program lz4; lower levels use fast compression */

struct lz4_block {
	int level;
	bool begun;
	size_t n; /* bytes in it */
	char in[LZ4_BLOCK_MAX], out[LZ4_COMPRESSBOUND(LZ4_BLOCK_MAX)];
};

static int lz4_init(struct compress_writer *c, int level, ATTR_UNUSED struct werr **err)
{
	struct lz4_block *b = mem_new(struct lz4_block);

	b->level = level;
	c->state = b;
	return 0;
}

static int write_word(struct compress_writer *c, uint32_t n, struct werr **err)
{
	unsigned char word[WORD];

	le32_put(word, n);
	return writer_write(c->to, word, WORD, err);
}

static int write_block(struct compress_writer *c, struct werr **err)
{
	struct lz4_block *b = c->state;
	int size = b->level < LEVEL_HC_MIN
			   ? LZ4_compress_fast(b->in, b->out, (int)b->n, sizeof(b->out), 1)
			   : LZ4_compress_HC(b->in, b->out, (int)b->n, sizeof(b->out), b->level);
	int r;

	if (size <= 0)
		return werr_set(err, WERR_FAILED, "lz4 compression failed");
	b->n = 0;
	r = write_word(c, (uint32_t)size, err);
	return r < 0 ? r : writer_write(c->to, b->out, (size_t)size, err);
}

static int lz4_pass(struct compress_writer *c, bool last, struct werr **err)
{
	struct lz4_block *b = c->state;
	int r = b->begun ? 0 : write_word(c, LZ4_LEGACY_MAGIC, err);

	b->begun = true;
	for (size_t at = 0; r == 0 && at < c->held;) {
		size_t room = LZ4_BLOCK_MAX - b->n;
		size_t part = c->held - at < room ? c->held - at : room;

		memcpy(b->in + b->n, c->in + at, part);
		b->n += part;
		at += part;
		if (b->n == LZ4_BLOCK_MAX)
			r = write_block(c, err);
	}
	return r == 0 && last && b->n > 0 ? write_block(c, err) : r;
}

static void lz4_end(struct compress_writer *c)
{
	free(c->state);
}

const struct compressor codec_lz4_compressor = {
	.library = "liblz4",
	.version = LZ4_versionString,
	.level_min = 1,
	.level_max = 12,
	.level_default = 9,
	.init = lz4_init,
	.pass = lz4_pass,
	.end = lz4_end,
};
