/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading one or more lz4 frames (doc/lz4_Frame_format.md of lz4), as the program lz4 writes them.
 */
#include <stdlib.h>

#include <lz4frame.h>

#include "base/mem.h"
#include "base/str.h"
#include "codec/codec-impl.h"

struct lz4_frame_reader {
	struct reader reader, *from;
	char *name;
	LZ4F_dctx *context;
	size_t at, n; /* what is left of the chunk */
	size_t hint;  /* 0: at the end of a frame */
	bool input_ended, frame_ended;
	uint64_t *used; /* or NULL */
	char chunk[CODEC_CHUNK];
};

static int refill(struct lz4_frame_reader *l, struct werr **err)
{
	int r;

	if (l->at < l->n || l->input_ended)
		return 0;
	l->at = l->n = 0;
	r = reader_read(l->from, l->chunk, sizeof(l->chunk), &l->n, err);
	l->input_ended = l->n == 0;
	if (l->used)
		*l->used += l->n;
	return r;
}

static int lz4_frame_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct lz4_frame_reader *l = CONTAINER_OF(r, struct lz4_frame_reader, reader);

	*got = 0;
	while (*got == 0 && !l->frame_ended) {
		size_t room = size, taken;
		int res = refill(l, err);

		if (res < 0)
			return res;
		taken = l->n - l->at;
		if (l->input_ended && l->hint == 0)
			return 0;
		l->hint = LZ4F_decompress(l->context, p, &room, l->chunk + l->at, &taken, NULL);
		if (LZ4F_isError(l->hint))
			return werr_set(err, WERR_CORRUPT, "%s: the lz4 stream is broken: %s",
				l->name, LZ4F_getErrorName(l->hint));
		l->at += taken;
		*got = room;
		l->frame_ended = l->used && l->hint == 0;
		if (l->frame_ended)
			*l->used -= l->n - l->at;
		if (l->input_ended && taken == 0 && room == 0 && l->hint != 0)
			return werr_set(
				err, WERR_CORRUPT, "%s: the lz4 stream is truncated", l->name);
	}
	return 0;
}

static void lz4_frame_free(struct reader *r)
{
	struct lz4_frame_reader *l = CONTAINER_OF(r, struct lz4_frame_reader, reader);

	LZ4F_freeDecompressionContext(l->context);
	reader_free(l->from);
	free(l->name);
	free(l);
}

struct reader *lz4_frame_reader_new(struct reader *from, const char *name, uint64_t *used)
{
	struct lz4_frame_reader *l = mem_new(struct lz4_frame_reader);

	l->reader = (struct reader){lz4_frame_read, lz4_frame_free};
	l->from = from;
	l->used = used;
	l->name = str_dup(name);
	/* This fails only when memory runs out. */
	if (LZ4F_isError(LZ4F_createDecompressionContext(&l->context, LZ4F_VERSION)))
		abort();
	return &l->reader;
}
