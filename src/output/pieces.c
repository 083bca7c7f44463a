/* SPDX-License-Identifier: Apache-2.0 */
#include "output/pieces.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/str.h"
#include "hash/sha256-fields.h"
#include "output/pieces-impl.h"

static bool can_have(const struct pieces *p, const struct encoding *e, size_t source)
{
	if (e->is_whole)
		return source == p->plan->n;
	if (source < p->plan->n && p->options.parts && !p->options.parts[source])
		return false;
	if (source == p->plan->n)
		return false;
	/* A part is not loaded only to see that it has no such file. */
	return (!e->is_boot || p->plan->parts[source].kind->may_have_boot) &&
	       (!e->is_late || p->plan->parts[source].kind->is_late);
}

/* A note that is all that is wanted is a result like any other. */
static bool is_only_note(const struct pieces *p, const struct encoding *e)
{
	return e->is_note && p->options.n > 1;
}

static bool has_result(const struct pieces *p, size_t source)
{
	for (size_t i = 0; i < p->options.n; i++)
		if (!is_only_note(p, p->rows[i].encoding) &&
			can_have(p, p->rows[i].encoding, source))
			return true;
	return false;
}

struct piece *pieces_at(const struct pieces *p, const struct pieces_row *row, size_t source)
{
	const struct encoding *e = row->encoding;

	if (!can_have(p, e, source) || (is_only_note(p, e) && !has_result(p, source)))
		return NULL;
	return &row->pieces[e->is_whole ? 0 : source];
}

/*
 * Is any encoding of the source wanted that is kept for later builds? Warnings are not, when what
 * they are about is made each time.
 */
static bool wants_kept(const struct pieces *p, size_t source)
{
	for (size_t i = 0; i < p->options.n; i++) {
		const struct encoding *e = p->rows[i].encoding;
		bool is_beside = e->is_warning && p->options.n > 1;

		if (e->is_kept && !is_beside && !is_only_note(p, e) &&
			pieces_at(p, &p->rows[i], source))
			return true;
	}
	return false;
}

/* The whole plan depends on what all of its parts depend on. */
static bool whole_key(const struct plan *p, char ret[static SHA256_HEX + 1])
{
	CLEANUP(sha256) struct sha256 *h = sha256_new();

	for (size_t i = 0; i < p->n; i++) {
		char key[SHA256_HEX + 1];

		if (!part_key(p, &p->parts[i], key))
			return false;
		sha256_add_text(h, key);
	}
	sha256_hex(h, ret);
	return true;
}

bool pieces_source_key(const struct pieces *p, size_t source, char ret[static SHA256_HEX + 1])
{
	const struct plan *plan = p->plan;

	if (!wants_kept(p, source))
		return false;
	if (source == plan->n)
		return whole_key(plan, ret);
	return plan->parts[source].kind->is_kept && part_key(plan, &plan->parts[source], ret);
}

void pieces_key(const struct pieces *p, const char *source_key, const struct encoding *e,
	struct digest *ret)
{
	const struct compression *c = &p->plan->options.compression;
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	char hex[SHA256_HEX + 1];

	sha256_add_text(h, source_key);
	sha256_add_text(h, e->name);
	if (e->is_compressed) {
		sha256_add_text(h, codec_name(c->codec));
		sha256_add_number(h, (uint64_t)c->level);
		sha256_add_text(h, codec_version(c->codec));
	}
	sha256_hex(h, hex);
	digest_from_hex(hex, ret);
}

/* Take the piece from the store, or mark it as missing. */
static void find_piece(struct pieces *p, struct pieces_row *row, size_t source)
{
	struct pieces_source *s = &p->sources[source];
	struct piece *piece = pieces_at(p, row, source);
	struct digest key;
	bool found = false;

	if (!piece)
		return;
	if (s->has_key && row->encoding->is_kept && !p->options.fresh) {
		pieces_key(p, s->key, row->encoding, &key);
		found = store_find_piece(p->plan->store, &key, piece);
	}
	row->is_missing[piece - row->pieces] = !found;
	/* Nothing is loaded for a note alone. */
	s->is_missing |= !found && !is_only_note(p, row->encoding);
}

bool pieces_key_of(
	const struct pieces *p, size_t part, const struct encoding *e, struct digest *ret)
{
	if (!p->sources[part].has_key)
		return false;
	pieces_key(p, p->sources[part].key, e, ret);
	return true;
}

/* A pool_job. */
static int find_source(void *ctx, size_t source, ATTR_UNUSED struct werr **err)
{
	struct pieces *p = ctx;
	struct pieces_source *s = &p->sources[source];

	s->has_key = pieces_source_key(p, source, s->key);
	for (size_t i = 0; i < p->options.n; i++)
		find_piece(p, &p->rows[i], source);
	return 0;
}

static void row_init(struct pieces_row *row, const struct encoding *e, size_t n_parts)
{
	row->encoding = e;
	row->n = e->is_whole ? 1 : n_parts;
	row->pieces = mem_new_array(struct piece, row->n);
	row->is_missing = mem_new_array(bool, row->n);
	for (size_t i = 0; i < row->n; i++)
		row->pieces[i].fd = -1;
}

int pieces_find(struct pieces **ret, const struct plan *plan, const struct pieces_options *o,
	struct werr **err)
{
	CLEANUP(pieces) struct pieces *p = mem_new(struct pieces);
	int r;

	p->plan = plan;
	p->options = *o;
	p->sources = mem_new_array(struct pieces_source, plan->n + 1);
	for (size_t i = 0; i < o->n; i++)
		row_init(&p->rows[i], o->encodings[i], plan->n);
	r = pool_run(o->threads, plan->n + 1, find_source, p, err);
	if (r == 0)
		*ret = STEAL(p);
	return r;
}

void pieces_free(struct pieces *p)
{
	for (size_t i = 0; i < p->options.n; i++) {
		for (size_t j = 0; j < p->rows[i].n; j++)
			piece_cleanup(&p->rows[i].pieces[j]);
		free(p->rows[i].pieces);
		free(p->rows[i].is_missing);
	}
	free(p->sources);
	free(p);
}

/* An encoding that was not asked for has no pieces. */
static const struct pieces_row *find_row(const struct pieces *p, const struct encoding *e)
{
	static const struct pieces_row none;

	for (size_t i = 0; i < p->options.n; i++)
		if (p->rows[i].encoding == e)
			return &p->rows[i];
	return &none;
}

const struct piece *pieces_last(const struct pieces *p, const struct encoding *e)
{
	const struct pieces_row *row = find_row(p, e);

	for (size_t i = row->n; i-- > 0;)
		if (row->pieces[i].fd >= 0)
			return &row->pieces[i];
	return NULL;
}

const struct piece *pieces_next(
	const struct pieces *p, const struct encoding *e, const struct piece *piece)
{
	const struct pieces_row *row = find_row(p, e);

	for (size_t i = piece ? (size_t)(piece - row->pieces) + 1 : 0; i < row->n; i++)
		if (row->pieces[i].fd >= 0)
			return &row->pieces[i];
	return NULL;
}

const struct piece *pieces_of_part(const struct pieces *p, size_t part, const struct encoding *e)
{
	const struct pieces_row *row = find_row(p, e);

	return part < row->n && row->pieces[part].fd >= 0 ? &row->pieces[part] : NULL;
}

const struct piece *pieces_in_file(const struct pieces *p, int fd)
{
	for (size_t i = 0; i < p->options.n; i++)
		for (size_t j = 0; j < p->rows[i].n; j++)
			if (p->rows[i].pieces[j].fd == fd)
				return &p->rows[i].pieces[j];
	return NULL;
}

struct reader *pieces_open_one(const struct piece *piece)
{
	return fd_range_reader_new(piece->fd, "a piece", 0, piece->size);
}

uint64_t pieces_size(const struct pieces *p, const struct encoding *e)
{
	const struct pieces_row *row = find_row(p, e);
	uint64_t size = 0;

	for (size_t i = 0; i < row->n; i++)
		size += row->pieces[i].size;
	return size;
}

struct reader *pieces_open(const struct pieces *p, const struct encoding *e, uint64_t zeros)
{
	const struct pieces_row *row = find_row(p, e);
	CLEANUP(free) struct io_range *ranges = mem_new_array(struct io_range, row->n);
	size_t n = 0;

	for (size_t i = 0; i < row->n; i++)
		if (row->pieces[i].fd >= 0)
			ranges[n++] = (struct io_range){row->pieces[i].fd, 0, row->pieces[i].size};
	return ranges_reader_new(ranges, n, zeros);
}
