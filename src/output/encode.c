/* SPDX-License-Identifier: Apache-2.0 */
/* From parts to pieces. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/pool.h"
#include "plan/kernel-check.h"
#include "output/losses.h"
#include "output/part-key.h"

struct todo {
	bool has_key;
	struct part_key key;
	bool missing[PIECE_KINDS]; /* to be encoded */
	bool any_missing;
};

struct encode {
	struct plan *plan;
	const struct encode_options *options;
	struct pieces pieces;
	struct todo *todo; /* for each part */
	_Atomic bool kept; /* something was left in the store */
};

static void encode_cleanup(struct encode *e)
{
	pieces_cleanup(&e->pieces);
	free(e->todo);
}

static uint64_t size_of(const struct encode *e, size_t i)
{
	uint64_t size = 0;

	for (int kind = 0; kind < PIECE_KINDS; kind++)
		size += e->pieces.of[i][kind].size;
	return size;
}

/* Is anything wanted that is kept? */
static bool wants_kept(const struct encode_options *o)
{
	for (int kind = 0; kind < PIECE_KINDS; kind++)
		if (o->kinds[kind] && piece_is_kept(kind))
			return true;
	return false;
}

/* A pool_job: take what the store has of part i. */
static int look_up_part(void *ctx, size_t i, ATTR_UNUSED struct werr **err)
{
	struct encode *e = ctx;
	struct todo *t = &e->todo[i];

	t->has_key = wants_kept(e->options) && part_key_get(e->plan, &e->plan->parts[i], &t->key);
	for (int kind = 0; kind < PIECE_KINDS; kind++) {
		bool found = t->has_key && piece_is_kept(kind) && !e->options->fresh;

		if (!e->options->kinds[kind])
			continue;
		found = found &&
			store_find_piece(e->plan->store, &t->key.of[kind], &e->pieces.of[i][kind]);
		t->missing[kind] = !found;
		t->any_missing |= !found;
	}
	return 0;
}

/* Only while the files that it was made from are still the same. */
static bool may_keep(struct encode *e, size_t i)
{
	struct part_key now;

	return e->todo[i].has_key && part_key_get(e->plan, &e->plan->parts[i], &now) &&
	       part_key_eq(&now, &e->todo[i].key);
}

/* A build that can't boot fails, rather than the boot. Of what was kept it is known. */
static int check_kernel(
	const struct encode *e, size_t i, const struct part_content *content, struct werr **err)
{
	enum part_kind kind = e->plan->parts[i].kind;

	if (kind == PART_BOOT)
		return kernel_check_image(e->plan, err);
	return kind == PART_ROOT ? kernel_check_root(e->plan, content->tree, err) : 0;
}

static int encode_kind(struct encode *e, size_t i, enum piece_kind kind,
	const struct part_content *content, struct werr **err)
{
	const struct todo *t = &e->todo[i];
	bool keep = t->has_key && piece_is_kept(kind);
	bool is_there = piece_is_there(kind, content);
	CLEANUP(piece_writer) struct piece_writer *w = NULL;
	int r = kind == PIECE_INITRD ? check_kernel(e, i, content, err) : 0;

	if (r == 0)
		r = store_new_piece(e->plan->store, keep ? &t->key.of[kind] : NULL, &w, err);
	if (r == 0 && is_there)
		r = piece_encode(kind, content, piece_writer_stream(w), err);
	if (r < 0)
		return r;
	keep = keep && may_keep(e, i);
	if (keep)
		e->kept = true;
	piece_writer_finish(w, is_there, keep, &e->pieces.of[i][kind]);
	return 0;
}

static int encode_missing(struct encode *e, size_t i, struct werr **err)
{
	const struct part *part = &e->plan->parts[i];
	struct meter meter = {.progress = e->options->progress, .name = part->name};
	CLEANUP(part_content)
	struct part_content content = {.meter = meter.progress ? &meter : NULL};
	int r = part_load(e->plan, part, &content, err);

	for (int kind = 0; r == 0 && kind < PIECE_KINDS; kind++)
		if (e->todo[i].missing[kind])
			r = encode_kind(e, i, kind, &content, err);
	return r;
}

/* A pool_job. */
static int encode_part(void *ctx, size_t i, struct werr **err)
{
	struct encode *e = ctx;
	const char *name = e->plan->parts[i].name;
	int r = 0;

	progress_report(e->options->progress, PROGRESS_BEGIN, "part", name, 0, 0);
	if (e->todo[i].any_missing)
		r = encode_missing(e, i, err);
	else
		log_detail("%s has not changed", name);
	progress_report(
		e->options->progress, PROGRESS_END, "part", name, size_of(e, i), size_of(e, i));
	return r;
}

static bool needs_kernel(const struct encode *e)
{
	for (size_t i = 0; i < e->plan->n; i++) {
		enum part_kind kind = e->plan->parts[i].kind;

		if (e->todo[i].any_missing && (kind == PART_BOOT || kind == PART_ROOT))
			return true;
	}
	return false;
}

static void trim(struct store *s)
{
	CLEANUP(werr) struct werr *why = NULL;
	struct store_garbage garbage;

	if (store_trim_pieces(s, PIECES_MAX_SECONDS, PIECES_MAX_BYTES, &garbage, &why) < 0)
		log_info("old pieces stay: %s", why->message);
}

static void warn_of_losses(const struct piece *p)
{
	CLEANUP(reader) struct reader *from = p->fd >= 0 ? piece_open(p) : NULL;
	CLEANUP(free) char *text = NULL;
	size_t size;

	if (from && reader_read_all(from, LOSSES_MAX, &text, &size, NULL) == 0)
		log_warning("%s", text);
}

int pieces_make(
	struct plan *p, const struct encode_options *o, struct pieces *ret, struct werr **err)
{
	CLEANUP(encode) struct encode e = {.plan = p, .options = o};
	int r;

	e.todo = mem_new_array(struct todo, p->n);
	e.pieces.n = p->n;
	e.pieces.of = mem_alloc_array(p->n, sizeof(*e.pieces.of));
	for (size_t i = 0; i < p->n; i++)
		for (int kind = 0; kind < PIECE_KINDS; kind++)
			e.pieces.of[i][kind] = (struct piece){.fd = -1};
	r = pool_run(o->threads, p->n, look_up_part, &e, err);
	if (r == 0 && needs_kernel(&e))
		r = plan_load_kernel(p, err);
	if (r == 0)
		r = pool_run(o->threads, p->n, encode_part, &e, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < p->n; i++)
		e.pieces.n_kept += !e.todo[i].any_missing;
	for (size_t i = 0; i < p->n; i++)
		warn_of_losses(&e.pieces.of[i][PIECE_LOSSES]);
	if (e.kept)
		trim(p->store);
	*ret = e.pieces;
	e.pieces = (struct pieces){0};
	return 0;
}

void pieces_cleanup(struct pieces *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (int kind = 0; kind < PIECE_KINDS; kind++)
			piece_cleanup(&p->of[i][kind]);
	free(p->of);
	*p = (struct pieces){0};
}
