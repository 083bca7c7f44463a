/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of a disk, compressed on several threads, and handed on in their order. */
#include <string.h>

#include <zlib.h>
#include <zstd.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/pool.h"
#include "disk/disk-impl.h"

enum { BATCH = 4 << 20, GROUP = 8 }; /* bytes that are read at once; blocks of one job */
enum { ZLIB_LEVEL = 6, ZSTD_LEVEL = 3, MEMORY_MAX = 9, WINDOW_ZLIB = 15, WINDOW_DEFLATE = -12 };

struct slot {
	struct disk_block block;
	unsigned char *in, *out;
};

struct pack {
	const struct extents *disk;
	const struct disk_packer *packer;
	struct slot *slots;
	unsigned char *memory;
	size_t n, max, bound;
};

/* What compresses the blocks of one job. */
struct coder {
	z_stream deflate;
	bool is_deflate;
	ZSTD_CCtx *zstd;
};

static void coder_cleanup(struct coder *c)
{
	if (c->is_deflate)
		deflateEnd(&c->deflate);
	ZSTD_freeCCtx(c->zstd);
}

static int coder_open(struct coder *c, enum disk_packing packing, struct werr **err)
{
	int window = packing == DISK_PACK_ZLIB ? WINDOW_ZLIB : WINDOW_DEFLATE;

	if (packing == DISK_PACK_ZSTD)
		c->zstd = ZSTD_createCCtx();
	else
		c->is_deflate = deflateInit2(&c->deflate, ZLIB_LEVEL, Z_DEFLATED, window,
					MEMORY_MAX, Z_DEFAULT_STRATEGY) == Z_OK;
	if (!c->zstd && !c->is_deflate)
		return werr_set(err, WERR_FAILED, "can't set up the compression of a disk");
	return 0;
}

/*
 * Whether bytes look compressed already: their values are nearly equally frequent. In random bytes
 * the sum of the squared frequencies is size * (1 + size / 256) on average, in programs and text
 * some times as much.
 */
static bool looks_packed(const unsigned char *p, size_t size)
{
	uint64_t counts[256] = {0}, sum = 0;

	for (size_t i = 0; i < size; i++)
		counts[p[i]]++;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		sum += counts[i] * counts[i];
	return sum < size + (uint64_t)size * size / 256 / 64 * 65;
}

static size_t deflate_block(z_stream *z, const struct slot *s, size_t size, size_t room, int level)
{
	deflateReset(z);
	/* Nothing was written yet, so that this can't fail for want of room. */
	deflateParams(z, level, Z_DEFAULT_STRATEGY);
	z->next_in = s->in;
	z->avail_in = (uInt)size;
	z->next_out = s->out;
	z->avail_out = (uInt)room;
	return deflate(z, Z_FINISH) == Z_STREAM_END ? room - z->avail_out : 0;
}

/* The compressed size; 0: it can't be. */
static size_t compress_block(
	struct coder *c, const struct slot *s, size_t size, size_t room, int level)
{
	size_t n;

	if (c->is_deflate)
		return deflate_block(&c->deflate, s, size, room, level);
	n = ZSTD_compressCCtx(c->zstd, s->out, room, s->in, size, ZSTD_LEVEL);
	return ZSTD_isError(n) ? 0 : n;
}

static int fill_slot(const struct pack *p, struct coder *c, struct slot *s, struct werr **err)
{
	size_t size = p->packer->block, packed = 0;
	bool plain;
	int r = extents_read(p->disk, s->block.i * size, s->in, size, err);

	s->block.size = 0;
	if (r < 0 || io_is_zeros(s->in, size))
		return r;
	plain = looks_packed(s->in, size);
	if (p->packer->always || !plain)
		packed = compress_block(c, s, size, p->bound, plain ? 0 : ZLIB_LEVEL);
	s->block.packed = packed > 0 && (p->packer->always || packed < size);
	if (p->packer->always && !packed)
		return werr_set(err, WERR_FAILED, "can't compress a block of a disk");
	s->block.bytes = s->block.packed ? s->out : s->in;
	s->block.size = s->block.packed ? packed : size;
	return 0;
}

/* A pool_job. */
static int fill_group(void *ctx, size_t group, struct werr **err)
{
	const struct pack *p = ctx;
	CLEANUP(coder) struct coder c = {0};
	int r = coder_open(&c, p->packer->packing, err);

	for (size_t i = group * GROUP; r == 0 && i < p->n && i < (group + 1) * GROUP; i++)
		r = fill_slot(p, &c, &p->slots[i], err);
	return r;
}

/* Compress the blocks of all slots, and hand them on. */
static int flush(struct pack *p, struct werr **err)
{
	int r = pool_run(p->packer->threads, (p->n + GROUP - 1) / GROUP, fill_group, p, err);

	for (size_t i = 0; r == 0 && i < p->n; i++)
		if (p->slots[i].block.size)
			r = p->packer->take(p->packer->ctx, &p->slots[i].block, err);
	p->n = 0;
	return r < 0 ? r : cancel_check(err);
}

static void pack_open(struct pack *p)
{
	size_t block = p->packer->block;

	p->max = BATCH / block;
	p->bound = block + block / 64 + 1024; /* more than either library asks for */
	p->slots = mem_new_array(struct slot, p->max);
	p->memory = mem_alloc_array(p->max, block + p->bound);
	for (size_t i = 0; i < p->max; i++) {
		p->slots[i].in = p->memory + i * (block + p->bound);
		p->slots[i].out = p->slots[i].in + block;
	}
}

static void pack_cleanup(struct pack *p)
{
	free(p->slots);
	free(p->memory);
}

int disk_pack(const struct extents *d, const struct disk_packer *packer, struct werr **err)
{
	CLEANUP(disk_runs) struct disk_runs runs = {0};
	CLEANUP(pack) struct pack p = {.disk = d, .packer = packer};
	int r = 0;

	pack_open(&p);
	disk_runs_find(d, packer->block, &runs);
	for (size_t i = 0; i < runs.n; i++)
		for (uint64_t b = runs.items[i].first; r == 0 && b < runs.items[i].end; b++) {
			p.slots[p.n++].block.i = b;
			if (p.n == p.max)
				r = flush(&p, err);
		}
	return r < 0 ? r : flush(&p, err);
}
