/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compression for EROFS: whole blocks are filled with as much input as fits. The bytes are at the
 * end of their blocks (the feature "zero padding"), so the kernel can decompress in place.
 */
#include <lz4hc.h>
#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "fs/erofs-impl.h"

enum {
	LEVEL = 9,      /* 12 takes three times as long for 0.3 % */
	WORTH_IT = 512, /* bytes, at least, that a cluster saves: its index takes some as well */
	LINE = 8        /* bytes of an index's entry */
};

_Static_assert((EROFS_SEGMENT / EROFS_CLUSTER + 2) * EROFS_RUN_UNITS <= FS_SEGMENT_UNITS,
	"each run, but the last, has at least a cluster's bytes");

/*
 * liblz4 adds the length of what it has to write to a pointer before it looks whether it fits. So
 * its room is not on the stack, which a 32-bit program has at the end of the address space.
 */
struct compressor {
	LZ4_streamHC_t lz4;
	char packed[EROFS_CLUSTER];
};

void *erofs_compressor_open(void)
{
	return mem_new(struct compressor);
}

static uint32_t blocks_of(uint32_t size)
{
	return (size + FS_BLOCK - 1) / FS_BLOCK;
}

static void add_run(struct fs_segment *s, uint32_t size, uint32_t blocks, uint32_t plain)
{
	s->units[s->n_units++] = size;
	s->units[s->n_units++] = blocks * 2 + plain;
	s->stored += blocks * FS_BLOCK;
}

/* Fill one cluster from the segment's bytes from `at` on; how many of them, or 0: it saves nothing.
 */
static uint32_t fill_cluster(struct compressor *c, struct fs_segment *s, uint32_t at)
{
	unsigned char *out = s->out + s->stored;
	int taken = (int)(s->size - at);
	int n = LZ4_compress_HC_destSize(
		&c->lz4, (const char *)s->in + at, c->packed, &taken, EROFS_CLUSTER, LEVEL);
	uint32_t blocks = n > 0 ? blocks_of((uint32_t)n) : 0, padding;

	if (n <= 0 || (uint32_t)taken < blocks * FS_BLOCK + WORTH_IT)
		return 0;
	padding = blocks * FS_BLOCK - (uint32_t)n;
	memset(out, 0, padding);
	memcpy(out + padding, c->packed, (size_t)n);
	add_run(s, (uint32_t)taken, blocks, 0);
	return (uint32_t)taken;
}

/* Take some bytes as they are, of which the last block may be incomplete. */
static uint32_t add_plain(struct fs_segment *s, uint32_t at)
{
	uint32_t size = s->size - at < EROFS_CLUSTER ? s->size - at : EROFS_CLUSTER;
	uint32_t blocks = blocks_of(size);

	memcpy(s->out + s->stored, s->in + at, size);
	memset(s->out + s->stored + size, 0, blocks * FS_BLOCK - size);
	add_run(s, size, blocks, EROFS_PLAIN);
	return size;
}

/* Of a file that is not compressed at all the last bytes can follow the inode. */
static void keep_tail(struct fs_segment *s)
{
	uint32_t tail = s->size % FS_BLOCK;

	for (uint32_t i = 0; i < s->n_units; i += EROFS_RUN_UNITS)
		if (!(s->units[i + 1] & EROFS_PLAIN))
			return;
	if (!s->is_first || !s->is_last || tail == 0)
		return;
	s->units[s->n_units - 2] -= tail;
	s->units[s->n_units - 1] -= 2;
	s->stored -= FS_BLOCK;
	s->tail_size = tail;
}

int erofs_compress(void *state, struct fs_segment *s, ATTR_UNUSED struct werr **err)
{
	for (uint32_t at = 0; at < s->size;) {
		uint32_t taken = s->size - at > FS_BLOCK ? fill_cluster(state, s, at) : 0;

		at += taken ? taken : add_plain(s, at);
	}
	keep_tail(s);
	return 0;
}

/* ---- the index: where each block of the file begins ---- */

enum { PLAIN = 0, HEAD = 1, NONHEAD = 2, COUNT = 1 << 11, COUNT_MAX = COUNT - 1 };
enum { HEADER = 16, BIG_CLUSTER = 2, BLOCKS_MAX = (1 << 28) - 1 }; /* an index of 2 GiB */

/* The entries, and a header of 8 bytes and 8 that are not used before them. */
uint32_t erofs_index_size(const struct fs_file *f)
{
	return HEADER + (uint32_t)((f->size + FS_BLOCK - 1) / FS_BLOCK) * LINE;
}

struct index {
	unsigned char *to; /* NULL: the entries are only counted */
	uint64_t n;
	uint32_t block;  /* of the next run */
	uint32_t offset; /* where in its block of the file it begins */
};

static void add_line(struct index *x, uint32_t type, uint32_t offset, uint32_t value)
{
	x->n++;
	if (!x->to)
		return;
	le16_put(x->to, (uint16_t)type);
	le16_put(x->to + 2, (uint16_t)offset);
	le32_put(x->to + 4, value);
	x->to += LINE;
}

/*
 * The entry of a block of the file has the one run that begins in it, or else the distances to the
 * blocks with the run that it belongs to and with the next one; right behind its beginning, the
 * number of blocks that the run takes instead of the first distance.
 */
static void add_index(struct index *x, uint32_t size, uint32_t blocks, bool plain)
{
	uint32_t n = (x->offset + size) / FS_BLOCK; /* entries, but for one that is not full */

	add_line(x, plain ? PLAIN : HEAD, x->offset, x->block);
	for (uint32_t i = 1; i < n; i++) {
		uint32_t back = i < COUNT ? i : COUNT_MAX, on = n - i;

		if (i == 1)
			back = COUNT | blocks;
		add_line(x, NONHEAD, 0, back | on << 16);
	}
	/* The end of the file, when the run began in the same block. */
	x->offset = n == 0 ? 0 : (x->offset + size) % FS_BLOCK;
	x->block += blocks;
}

static void add_file(struct index *x, const struct fs_file *f, const uint32_t *units)
{
	for (uint32_t u = 0; u + 1 < f->n_units; u += EROFS_RUN_UNITS) {
		uint32_t size = units[u], blocks = units[u + 1] / 2;

		if (!(units[u + 1] & EROFS_PLAIN)) {
			add_index(x, size, blocks, false);
			continue;
		}
		for (; size > 0; size -= size < FS_BLOCK ? size : FS_BLOCK)
			add_index(x, size < FS_BLOCK ? size : FS_BLOCK, 1, true);
	}
	/* A block that the last run ends in. */
	if (x->offset > 0)
		add_line(x, PLAIN, x->offset, 0);
}

void erofs_put_index(const struct erofs_inode *i, unsigned char *to)
{
	const struct fs_file *f = i->stored->file;
	struct index x = {.to = to + HEADER, .block = i->block};

	memset(to, 0, HEADER);
	le16_put(to + 4, BIG_CLUSTER);
	add_file(&x, f, i->stored->packed->units + f->first_unit);
}

/* ---- a file that was packed ---- */

static bool is_run_sound(uint32_t size, uint32_t blocks, bool is_plain)
{
	if (size > EROFS_SEGMENT)
		return false;
	return is_plain ? blocks == blocks_of(size)
			: size > 0 && blocks > 0 && blocks <= EROFS_CLUSTER_BLOCKS;
}

bool erofs_is_sound(const struct fs_file *f, const uint32_t *units)
{
	struct index lines = {0};
	uint64_t size = f->tail_size, stored = 0;
	bool is_compressed = false;

	if (f->n_units % EROFS_RUN_UNITS || f->shared != FS_NONE)
		return false;
	for (uint32_t u = 0; u < f->n_units; u += EROFS_RUN_UNITS) {
		uint32_t blocks = units[u + 1] / 2;
		bool is_plain = units[u + 1] & EROFS_PLAIN;

		if (!is_run_sound(units[u], blocks, is_plain))
			return false;
		size += units[u];
		stored += (uint64_t)blocks * FS_BLOCK;
		is_compressed |= !is_plain;
	}
	if (size != f->size || stored != f->stored || size / FS_BLOCK > BLOCKS_MAX)
		return false;
	if (f->tail_size && (is_compressed || f->tail_size != size % FS_BLOCK))
		return false;
	add_file(&lines, f, units);
	return !is_compressed || lines.n == (size + FS_BLOCK - 1) / FS_BLOCK;
}
