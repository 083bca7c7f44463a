/* SPDX-License-Identifier: Apache-2.0 */
/* Encoding the pieces that the store does not have. */
#include "base/log.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/str.h"
#include "output/pieces-impl.h"
#include "plan/kernel-check.h"
#include "plan/whole.h"

enum { WARNINGS_MAX = 1 << 20 };

/* Only while the files that it was made from are still the same. */
static bool may_keep(const struct pieces *p, size_t source)
{
	const struct pieces_source *s = &p->sources[source];
	char now[SHA256_HEX + 1];

	return s->has_key && pieces_source_key(p, source, now) && str_eq(now, s->key);
}

/* Fail the build rather than the boot. Pieces that were kept have passed this. */
static int check_part(const struct pieces *p, size_t source, const struct encoding *e,
	const struct part_content *content, struct werr **err)
{
	const struct part *part = source < p->plan->n ? &p->plan->parts[source] : NULL;
	int r = 0;

	if (!e->is_initrd || !part)
		return 0;
	if (part->kind->check)
		r = part->kind->check(p->plan, content, err);
	/* The part with the kernel has nothing of this initrd. */
	if (r == 0 && e->is_boot)
		r = kernel_check_image(p->plan, content, err);
	return r;
}

static int encode_piece(struct pieces *p, const struct pieces_row *row, size_t source,
	struct part_content *content, struct werr **err)
{
	const struct encoding *e = row->encoding;
	bool keep = p->sources[source].has_key && e->is_kept;
	bool is_there = !e->is_there || e->is_there(e, content);
	CLEANUP(piece_writer) struct piece_writer *w = NULL;
	struct digest key;
	int r = is_there ? check_part(p, source, e, content, err) : 0;

	if (keep)
		pieces_key(p, p->sources[source].key, e, &key);
	if (r == 0)
		r = store_new_piece(p->plan->store, keep ? &key : NULL, &w, err);
	if (r == 0)
		content->fd = piece_writer_fd(w);
	if (r == 0 && is_there)
		r = encoding_run(e, content, piece_writer_stream(w), err);
	if (r < 0)
		return r;
	keep = keep && !content->is_partial && may_keep(p, source);
	if (keep)
		p->has_kept = true;
	piece_writer_finish(w, is_there, keep, pieces_at(p, row, source));
	return 0;
}

static const char *source_name(const struct pieces *p, size_t source)
{
	return source < p->plan->n ? p->plan->parts[source].name : "os";
}

static int encode_missing(struct pieces *p, size_t source, struct werr **err)
{
	struct meter meter = {.progress = p->options.progress, .name = source_name(p, source)};
	CLEANUP(part_content)
	struct part_content content = {
		.meter = meter.progress ? &meter : NULL,
		.spool_dir = store_spool_dir(p->plan->store),
		.threads = p->options.threads,
		.memo = p->memo,
	};
	int r = source < p->plan->n ? part_load(p->plan, &p->plan->parts[source], &content, err)
				    : plan_load_whole(p->plan, &content, err);

	for (size_t i = 0; r == 0 && i < p->options.n; i++) {
		const struct pieces_row *row = &p->rows[i];
		const struct piece *piece = pieces_at(p, row, source);

		if (piece && row->is_missing[piece - row->pieces])
			r = encode_piece(p, row, source, &content, err);
	}
	return r;
}

static bool is_wanted(const struct pieces *p, size_t source)
{
	for (size_t i = 0; i < p->options.n; i++)
		if (pieces_at(p, &p->rows[i], source))
			return true;
	return false;
}

static uint64_t source_size(const struct pieces *p, size_t source)
{
	uint64_t size = 0;

	for (size_t i = 0; i < p->options.n; i++) {
		const struct piece *piece = pieces_at(p, &p->rows[i], source);

		size += piece && encoding_is_in_outputs(p->rows[i].encoding) ? piece->size : 0;
	}
	return size;
}

static bool is_late(const struct pieces *p, size_t source)
{
	return source < p->plan->n && p->plan->parts[source].kind->is_late;
}

static int encode_source(struct pieces *p, size_t source, struct werr **err)
{
	const struct progress *progress = p->options.progress;
	const char *name = source_name(p, source);
	uint64_t size;
	int r = 0;

	if (!is_wanted(p, source))
		return 0;
	progress_report(progress, PROGRESS_BEGIN, "part", name, 0, 0);
	if (p->sources[source].is_missing)
		r = encode_missing(p, source, err);
	else
		log_detail("%s has not changed", name);
	size = source_size(p, source);
	progress_report(progress, PROGRESS_END, "part", name, size, size);
	return r;
}

/* A pool_job. */
static int encode_early(void *ctx, size_t source, struct werr **err)
{
	return is_late(ctx, source) ? 0 : encode_source(ctx, source, err);
}

bool pieces_need_kernel(const struct pieces *p)
{
	for (size_t i = 0; i < p->plan->n; i++)
		if (p->plan->parts[i].kind->needs_kernel &&
			(p->sources[i].is_missing || p->sources[p->plan->n].is_missing))
			return true;
	return false;
}

size_t pieces_count_found(const struct pieces *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->plan->n; i++)
		n += !p->sources[i].is_missing && !p->sources[p->plan->n].is_missing;
	return n;
}

uint64_t pieces_part_size(const struct pieces *p, size_t part, bool *ret_found)
{
	*ret_found = !p->sources[part].is_missing;
	return source_size(p, part);
}

static void trim(struct store *s)
{
	CLEANUP(werr) struct werr *why = NULL;
	struct store_garbage garbage;

	if (store_trim_pieces(s, PIECES_MAX_SECONDS, PIECES_MAX_BYTES, &garbage, &why) < 0)
		log_info("cannot remove old pieces: %s", why->message);
}

static void warn(const struct piece *piece)
{
	uint64_t wanted = piece->size < WARNINGS_MAX ? piece->size : WARNINGS_MAX;
	CLEANUP(reader)
	struct reader *from =
		piece->fd >= 0 ? fd_range_reader_new(piece->fd, "warnings", 0, wanted) : NULL;
	CLEANUP(free) char *text = NULL;
	size_t size;

	if (!from || reader_read_all(from, WARNINGS_MAX, &text, &size, NULL) < 0)
		return;
	for (size_t at = 0; at < size; at += strlen(text + at) + 1)
		log_warning("%s", text + at);
}

/* Parts share layers: what those that have not changed have packed need not be packed again. */
static int remember_found(const struct pieces *p, const struct pieces_row *row, struct werr **err)
{
	bool is_missing = false;
	int r = 0;

	if (!row->encoding->fs)
		return 0;
	for (size_t i = 0; i < row->n; i++)
		is_missing |= row->is_missing[i];
	for (size_t i = 0; is_missing && r == 0 && i < row->n; i++) {
		const struct piece *piece = &row->pieces[i];
		const struct io_range range = {.fd = piece->fd, .size = piece->size};

		if (piece->fd >= 0)
			r = packed_memo_add_part(p->memo, row->encoding->fs, &range, err);
	}
	return r;
}

int pieces_encode(struct pieces *p, struct werr **err)
{
	int r = 0;

	p->memo = packed_memo_new(p->options.threads);
	for (size_t i = 0; r == 0 && i < p->options.n; i++)
		r = remember_found(p, &p->rows[i], err);
	if (r == 0)
		r = pool_run(p->options.threads, p->plan->n + 1, encode_early, p, err);
	for (size_t i = 0; r == 0 && i < p->plan->n; i++)
		if (is_late(p, i))
			r = encode_source(p, i, err);
	packed_memo_free(STEAL(p->memo));
	if (r < 0)
		return r;
	for (size_t i = 0; i < p->options.n; i++)
		for (size_t j = 0; p->rows[i].encoding->is_warning && j < p->rows[i].n; j++)
			warn(&p->rows[i].pieces[j]);
	if (p->has_kept)
		trim(p->plan->store);
	return 0;
}
