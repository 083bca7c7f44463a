/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packing a part: its files are cut into segments, which are compressed in batches on several
 * threads and written in their order. What a batch consists of depends on the files alone.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/endian.h"
#include "base/mem.h"
#include "fs/index.h"
#include "fs/pack-impl.h"

enum { CUT_FROM = PACK_TAILS / 2, CUT_ONE_IN = 4 };

void fs_packed_cleanup(struct fs_packed *p)
{
	free(p->files);
	free(p->units);
	free(p->shared);
	buf_clear(&p->segments);
	*p = (struct fs_packed){0};
}

/* ---- blocks of tails ---- */

/* The block that is being filled is complete. */
void packer_close_block(struct packer *p)
{
	struct fs_segment *s;

	if (p->filled == 0)
		return;
	mem_grow(&p->blocks, p->n_blocks, &p->cap_blocks, sizeof(*p->blocks));
	s = &p->blocks[p->n_blocks++];
	*s = (struct fs_segment){.kind = FS_SHARED,
		.in = STEAL(p->fill),
		.size = p->filled,
		.out = mem_alloc(PACK_TAILS)};
	p->filled = 0;
	p->n_shared++;
}

/*
 * A tail also decides by its digest whether a block ends before it, so that parts with some files
 * in common have blocks in common.
 */
static void add_tail(struct packer *p, struct fs_file *f, const struct fs_segment *s)
{
	bool cut = p->filled >= CUT_FROM && s->digest[0] % CUT_ONE_IN == 0;

	if (cut || s->size > PACK_TAILS - p->filled)
		packer_close_block(p);
	if (!p->fill)
		p->fill = mem_alloc(PACK_TAILS);
	memcpy(p->fill + p->filled, s->in, s->size);
	f->shared = (uint32_t)p->n_shared;
	f->shared_at = p->filled;
	p->filled += s->size;
}

/* ---- what comes out, in order ---- */

static int put_bytes(struct packer *p, const void *bytes, size_t size, struct werr **err)
{
	int r = writer_write(p->to, bytes, size, err);

	p->at += r == 0 ? size : 0;
	return r;
}

/* What has been written last is a segment's, which other parts may have as well. */
static void remember(struct packer *p, const struct fs_segment *s)
{
	uint64_t at = p->at - s->stored - s->tail_size;

	if (!fs_segment_is_large(s))
		return;
	index_add_segment(&p->packed.segments, s, at);
	packed_memo_add(p->options->memo, p->format, s, p->memo_fd, at);
}

/* Not between the blocks of a file. */
int packer_put_blocks(struct packer *p, struct werr **err)
{
	int r = 0;

	for (; r == 0 && p->first_block < p->n_ready; p->first_block++) {
		struct fs_segment *s = &p->blocks[p->first_block];

		mem_grow(&p->packed.shared, p->packed.n_shared, &p->packed.cap_shared,
			sizeof(*p->packed.shared));
		p->packed.shared[p->packed.n_shared++] =
			(struct fs_shared){p->at, s->stored, s->units[0]};
		r = put_bytes(p, s->out, s->stored, err);
		if (r == 0)
			remember(p, s);
		free(s->in);
		free(s->out);
		s->in = s->out = NULL;
	}
	return r;
}

/* The first file of the part with the same bytes; itself when there is none. */
static uint32_t find_same(struct packer *p, uint32_t number)
{
	const struct fs_file *f = &p->packed.files[number];
	size_t i = (size_t)le64_get(f->digest) & (p->table_size - 1);

	for (; p->table[i]; i = (i + 1) & (p->table_size - 1)) {
		const struct fs_file *other = &p->packed.files[p->table[i] - 1];

		if (other->size == f->size && memcmp(other->digest, f->digest, SHA256_SIZE) == 0)
			return p->table[i] - 1;
	}
	p->table[i] = number + 1;
	return number;
}

static int put_data(
	struct packer *p, struct fs_file *f, const struct fs_segment *s, struct werr **err)
{
	/* A tail is not among the stored bytes, but right behind them. */
	int r = put_bytes(p, s->out, s->stored + s->tail_size, err);

	if (r < 0)
		return r;
	if (s->kind == FS_DATA)
		remember(p, s);
	f->stored += s->stored;
	f->tail_size = s->tail_size;
	for (uint32_t i = 0; i < s->n_units; i++) {
		mem_grow(&p->packed.units, p->packed.n_units, &p->packed.cap_units,
			sizeof(*p->packed.units));
		p->packed.units[p->packed.n_units++] = s->units[i];
	}
	f->n_units += s->n_units;
	return 0;
}

static void end_file(struct packer *p, const struct fs_segment *s)
{
	struct fs_file *f = &p->packed.files[s->file];

	if (s->is_first)
		memcpy(f->digest, s->digest, SHA256_SIZE);
	else
		sha256_raw(p->hash, f->digest);
	f->same = find_same(p, s->file);
}

/* A tail of zeros is a unit of no bytes, like all zeros. */
int packer_put(struct packer *p, struct fs_segment *s, struct werr **err)
{
	struct fs_file *f = &p->packed.files[s->file];
	bool is_tail = s->kind == FS_TAIL && !s->is_zero;
	int r = 0;

	if (s->is_first) {
		r = packer_put_blocks(p, err);
		f->at = p->at;
		f->first_unit = (uint32_t)p->packed.n_units;
	}
	if (s->is_first && !s->is_last) {
		sha256_free(STEAL(p->hash));
		p->hash = sha256_new();
	}
	if (!s->is_first || !s->is_last) /* else it is the segment's own */
		sha256_add(p->hash, s->digest, SHA256_SIZE);
	if (s->is_last)
		end_file(p, s);
	/* Of a long file it is known too late that another one is the same. */
	if (r < 0 || (s->is_last && s->is_first && f->same != s->file))
		return r;
	if (!is_tail)
		return put_data(p, f, s, err);
	f->tail_size = s->size;
	if (f->same == s->file)
		add_tail(p, f, s);
	return 0;
}
