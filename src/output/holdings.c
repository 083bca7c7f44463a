/* SPDX-License-Identifier: Apache-2.0 */
#include "output/holdings.h"

#include <stdlib.h>
#include <string.h>

#include "archive/roll.h"
#include "base/mem.h"
#include "base/str.h"
#include "output/pieces-impl.h"
#include "plan/whole.h"

struct adding {
	struct holdings *holdings;
	struct fill *fill;
};

/* Of a regular file that no other name has replaced; NULL: there is none. */
static struct holdings_file *file_of(struct holdings *i, const char *path, size_t part)
{
	const struct tree_node *n = tree_find_through(i->tree, path);

	if (!n || !n->file || !S_ISREG(n->meta.mode) || n->origin != part)
		return NULL;
	while (i->n_files <= n->file->id) {
		mem_grow(&i->files, i->n_files, &i->cap_files, sizeof(*i->files));
		i->files[i->n_files++] = (struct holdings_file){.source = NULL};
	}
	return &i->files[n->file->id];
}

static int add_entry(const struct roll_entry *e, void *ctx, struct werr **err)
{
	struct adding *a = ctx;
	struct holdings_file *f;
	int r = fill_add(&e->entry, NULL, a->fill, err);

	f = r == 0 && e->source ? file_of(a->holdings, e->entry.path, a->holdings->tree->origin)
				: NULL;
	if (f)
		str_replace(&f->source, e->source);
	return r;
}

static int add_part(struct holdings *i, size_t at, const struct piece *sheet, struct werr **err)
{
	CLEANUP(fill) struct fill *fill = fill_new(i->tree, false);
	struct adding a = {i, fill};
	CLEANUP(reader) struct reader *r = NULL;
	struct roll_sums sums = {0};
	int res;

	if (!sheet)
		return 0;
	(void)roll_read_sums(sheet->fd, sheet->size, &sums);
	i->parts[at].files = sums.files;
	i->parts[at].size = sums.size;
	r = pieces_open_one(sheet);
	i->tree->origin = (uint32_t)at;
	res = roll_read(r, add_entry, &a, err);
	if (res < 0)
		werr_wrap(err, "part %s", i->parts[at].name);
	return res;
}

static int make_pieces(struct holdings *i, const struct encoding *e, const bool *parts,
	struct pieces **ret, struct werr **err)
{
	const struct pieces_options options = {.encodings = {e},
		.n = 1,
		.parts = parts,
		.threads = i->threads,
		.progress = i->progress};
	int r = pieces_find(ret, i->plan, &options, err);

	for (size_t k = 0; r == 0 && !parts && k < i->n; k++)
		i->parts[k].kept = !(*ret)->rows[0].is_missing[k];
	if (r == 0 && pieces_need_kernel(*ret) && !i->plan->kernel.tree)
		r = plan_load_kernel(i->plan, err);
	return r < 0 ? r : pieces_encode(*ret, err);
}

/* Of an encoding only how large an earlier build's piece is. */
static void describe_part(struct holdings *i, const struct pieces *sheets, size_t at)
{
	struct holdings_part *part = &i->parts[at];
	struct digest initrd;

	(void)pieces_key_of(sheets, at, &encoding_sheet, &part->key);
	if (pieces_key_of(sheets, at, &encoding_initrd, &initrd))
		(void)store_measure_piece(i->plan->store, &initrd, &part->packed);
}

static int fill_holdings(struct holdings *i, struct werr **err)
{
	CLEANUP(pieces) struct pieces *sheets = NULL;
	int r;

	i->n = i->plan->n;
	i->parts = mem_new_array(struct holdings_part, i->n);
	for (size_t k = 0; k < i->n; k++)
		i->parts[k].name = i->plan->parts[k].name;
	r = make_pieces(i, &encoding_sheet, NULL, &sheets, err);
	if (r == 0)
		r = tree_new(&i->tree, NULL, err);
	for (size_t k = 0; r == 0 && k < i->n; k++) {
		r = add_part(i, k, pieces_of_part(sheets, k, &encoding_sheet), err);
		describe_part(i, sheets, k);
	}
	if (r == 0)
		tree_settle(i->tree);
	return r;
}

int holdings_make(const struct config *c, const struct build_options *o, struct holdings *ret,
	struct werr **err)
{
	const struct plan_options options = {.decompress_kernel = o->decompress_kernel,
		.release = o->release,
		.sbom = o->sbom,
		.compression = o->compression,
		.sbom_time = BUILD_TIME};
	CLEANUP(holdings)
	struct holdings i = {.threads = o->threads, .progress = o->progress};
	int r = plan_make(&i.plan, c, &o->images, &options, err);

	if (r == 0)
		r = fill_holdings(&i, err);
	if (r < 0)
		return r;
	*ret = i;
	i = (struct holdings){0};
	return 0;
}

/* ---- hashes ---- */

struct hashing {
	struct holdings *holdings;
	size_t part;
};

static int keep_hash(const struct roll_entry *e, void *ctx, ATTR_UNUSED struct werr **err)
{
	struct hashing *h = ctx;
	struct holdings_file *f = *e->sha256 ? file_of(h->holdings, e->entry.path, h->part) : NULL;

	if (f)
		str_copy(f->sha256, sizeof(f->sha256), e->sha256);
	return 0;
}

int holdings_hash(struct holdings *i, const bool *parts, struct werr **err)
{
	CLEANUP(pieces) struct pieces *rolls = NULL;
	int r = make_pieces(i, &encoding_roll, parts, &rolls, err);

	for (size_t k = 0; r == 0 && k < i->n; k++) {
		const struct piece *roll = pieces_of_part(rolls, k, &encoding_roll);
		CLEANUP(reader) struct reader *from = roll ? pieces_open_one(roll) : NULL;

		i->parts[k].hashed |= roll != NULL;
		if (roll)
			r = roll_read(from, keep_hash, &(struct hashing){i, k}, err);
	}
	return r;
}

/* ---- what builds have left ---- */

int holdings_visit_kept(struct store *s, const struct digest *key, roll_visit *visit, void *ctx)
{
	CLEANUP(piece) struct piece sheet = {.fd = -1};
	CLEANUP(reader) struct reader *from = NULL;

	if (!store_find_piece(s, key, &sheet))
		return werr_code(WERR_NOT_FOUND);
	from = sheet.fd >= 0 ? pieces_open_one(&sheet) : NULL;
	return from ? roll_read(from, visit, ctx, NULL) : 0;
}

void holdings_cleanup(struct holdings *i)
{
	for (size_t k = 0; k < i->n_files; k++)
		free(i->files[k].source);
	free(i->files);
	free(i->parts);
	tree_free(i->tree);
	if (i->plan)
		plan_free(i->plan);
	*i = (struct holdings){0};
}

const struct holdings_file *holdings_find(const struct holdings *i, const struct tree_node *n)
{
	if (!n->file || n->file->id >= i->n_files)
		return NULL;
	return &i->files[n->file->id];
}

int holdings_load_part(
	const struct holdings *i, const struct tree_node *n, struct tree **ret, struct werr **err)
{
	const struct part *part = &i->plan->parts[n->origin];
	CLEANUP(part_content) struct part_content content = {0};
	CLEANUP(tree) struct tree *t = NULL;
	int r = tree_new(&t, store_spool_dir(i->plan->store), err);

	if (r == 0 && part->kind->needs_kernel && !i->plan->kernel.tree)
		r = plan_load_kernel(i->plan, err);
	if (r == 0)
		r = part_load(i->plan, part, &content, err);
	if (r == 0)
		r = plan_merge_content(t, &content, err);
	if (r == 0)
		*ret = STEAL(t);
	return r;
}
