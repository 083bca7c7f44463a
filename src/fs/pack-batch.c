/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the files of a part, and compressing them batch by batch. */
#include <stdlib.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/pool.h"
#include "fs/pack-impl.h"

enum {
	BATCH = 2 << 20,      /* bytes of files */
	BATCH_SEGMENTS = 256, /* many files are small */
	SEGMENTS_MAX = 16 << 20
};

static void packer_init(struct packer *p, size_t n_files)
{
	if (!p->options->memo)
		p->own = fs_compressors_new(p->options->threads);
	p->compressors = p->own ? p->own : packed_memo_compressors(p->options->memo);
	fs_compressors_begin_part(p->compressors);
	p->table_size = 16;
	while (p->table_size < n_files * 2)
		p->table_size *= 2;
	p->table = mem_new_array(uint32_t, p->table_size);
	p->in = mem_alloc(BATCH);
	p->out = mem_alloc(BATCH);
	p->segments = mem_new_array(struct fs_segment, BATCH_SEGMENTS);
	p->packed.segments = BUF_INIT(SEGMENTS_MAX);
	p->memo_fd = packed_memo_file(p->options->memo, p->options->fd);
}

static void packer_cleanup(struct packer *p)
{
	if (!p->table)
		return;
	for (size_t i = 0; i < p->n_blocks; i++) {
		free(p->blocks[i].in);
		free(p->blocks[i].out);
	}
	fs_compressors_end_part(p->compressors);
	if (p->own)
		fs_compressors_free(p->own);
	free(p->blocks);
	free(p->fill);
	free(p->segments);
	free(p->out);
	free(p->in);
	free(p->table);
	sha256_free(p->hash);
	fs_packed_cleanup(&p->packed);
}

/* ---- on several threads ---- */

static int compress(struct packer *p, struct fs_segment *s, struct werr **err)
{
	void *state = fs_compressors_take(p->compressors, p->format);
	int r;

	if (!state)
		return werr_set(err, WERR_FAILED, "out of memory");
	r = p->format->compress(state, s, err);
	fs_compressors_leave(p->compressors, p->format, state);
	return r;
}

/* Those blocks of tails that wait for it come first. A pool_job. */
static int work(void *ctx, size_t i, struct werr **err)
{
	struct packer *p = ctx;
	size_t n_waiting = p->n_blocks - p->n_ready;
	struct fs_segment *s =
		i < n_waiting ? &p->blocks[p->n_ready + i] : &p->segments[i - n_waiting];
	CLEANUP(sha256) struct sha256 *hash = sha256_new();

	s->is_zero = io_is_zeros(s->in, s->size);
	sha256_add(hash, s->in, s->size);
	sha256_raw(hash, s->digest);
	if ((s->kind == FS_TAIL && !s->is_zero) || packed_memo_find(p->options->memo, p->format, s))
		return 0;
	return compress(p, s, err);
}

static int run_batch(struct packer *p, struct werr **err)
{
	size_t n_waiting = p->n_blocks - p->n_ready;
	int r = cancel_check(err);

	if (r == 0)
		r = pool_run(p->options->threads, n_waiting + p->n_segments, work, p, err);
	p->n_ready = p->n_blocks;
	for (size_t i = 0; r == 0 && i < p->n_segments; i++)
		r = packer_put(p, &p->segments[i], err);
	p->n_segments = 0;
	p->used = 0;
	return r;
}

/* ---- reading ---- */

/* Add the next bytes of a file as a segment. */
static int add_segment(
	struct packer *p, struct reader *from, uint32_t number, uint64_t left, struct werr **err)
{
	const struct fs_file *f = &p->packed.files[number];
	uint32_t segment = p->format->segment;
	uint32_t size = left < segment ? (uint32_t)left : segment;
	uint32_t room = (size + FS_BLOCK - 1) / FS_BLOCK * FS_BLOCK;
	struct fs_segment *s;
	int r = 0;

	if (room > BATCH - p->used || p->n_segments == BATCH_SEGMENTS)
		r = run_batch(p, err);
	if (r == 0)
		r = reader_read_full(from, p->in + p->used, size, err);
	if (r == 0 && p->options->watch)
		r = writer_write(p->options->watch, p->in + p->used, size, err);
	if (r < 0)
		return r;
	s = &p->segments[p->n_segments++];
	*s = (struct fs_segment){
		.kind = p->format->shares_tails && size < segment ? FS_TAIL : FS_DATA,
		.file = number,
		.is_first = left == f->size,
		.is_last = left == size,
		.in = p->in + p->used,
		.size = size,
		.out = p->out + p->used};
	p->used += room;
	return 0;
}

static int add_file(
	struct packer *p, const struct tree *t, const struct fs_named *named, struct werr **err)
{
	CLEANUP(reader) struct reader *from = tree_open_file(t, named->first);
	struct fs_file *f;
	int r = 0;

	mem_grow(&p->packed.files, p->packed.n_files, &p->packed.cap_files,
		sizeof(*p->packed.files));
	f = &p->packed.files[p->packed.n_files++];
	*f = (struct fs_file){
		.size = named->first->file->size, .shared = FS_NONE, .same = named->number};
	for (uint64_t left = f->size; r == 0 && left > 0;) {
		uint32_t size = left < p->format->segment ? (uint32_t)left : p->format->segment;

		r = add_segment(p, from, named->number, left, err);
		left -= size;
	}
	return r;
}

static int pack_files(struct packer *p, const struct packed_content *c,
	const struct fs_names *names, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < names->n_regular; i++) {
		const struct fs_named *named = names->ordered[i];

		r = add_file(p, named->in_files ? c->files : c->tree, named, err);
	}
	if (r == 0)
		r = run_batch(p, err);
	packer_close_block(p);
	/* The last blocks of tails. */
	if (r == 0)
		r = run_batch(p, err);
	return r == 0 ? packer_put_blocks(p, err) : r;
}

int packed_write(const struct packed_format *f, const struct packed_content *c,
	const struct packed_options *o, struct writer *to, struct werr **err)
{
	CLEANUP(fs_names) struct fs_names names = {0};
	CLEANUP(packer) struct packer p = {.format = f, .options = o, .to = to};
	int r = fs_names_list(c, &names, err);

	if (r < 0)
		return r;
	packer_init(&p, names.n_regular);
	r = pack_files(&p, c, &names, err);
	if (r == 0)
		r = fs_index_write(c, &names, &p.packed, to, err);
	if (r < 0)
		werr_wrap(err, "pack files for a %s", f->name);
	return r;
}
