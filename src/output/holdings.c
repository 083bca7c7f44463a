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
	struct holdings_part *part;
	struct fill *fill;
	uint64_t counted; /* the last file with several names whose size was counted */
};

static void keep_file(struct holdings *i, const struct roll_entry *e)
{
	const struct tree_node *n = tree_find_through(i->tree, e->entry.path);
	struct holdings_file *f;

	if (!n || !n->file || !S_ISREG(n->meta.mode))
		return;
	while (i->n_files <= n->file->id) {
		mem_grow(&i->files, i->n_files, &i->cap_files, sizeof(*i->files));
		i->files[i->n_files++] = (struct holdings_file){.source = NULL};
	}
	f = &i->files[n->file->id];
	str_copy(f->sha256, sizeof(f->sha256), e->sha256);
	str_replace(&f->source, e->source);
}

static int add_entry(const struct roll_entry *e, void *ctx, struct werr **err)
{
	struct adding *a = ctx;
	int r = fill_add(&e->entry, NULL, a->fill, err);

	if (r < 0)
		return r;
	a->part->files += !S_ISDIR(e->entry.meta.mode);
	/* Names of one file follow one another. */
	if (!e->entry.file || e->entry.file != a->counted)
		a->part->size += e->entry.size;
	a->counted = e->entry.file;
	keep_file(a->holdings, e);
	return 0;
}

static int add_part(struct holdings *i, size_t at, const struct piece *roll, struct werr **err)
{
	CLEANUP(fill) struct fill *fill = fill_new(i->tree, false);
	struct adding a = {i, &i->parts[at], fill, 0};
	CLEANUP(reader) struct reader *r = NULL;
	int res;

	if (!roll || roll->fd < 0)
		return 0;
	r = pieces_open_one(roll);
	i->tree->origin = (uint32_t)at;
	res = roll_read(r, add_entry, &a, err);
	if (res < 0)
		werr_wrap(err, "part %s", i->parts[at].name);
	return res;
}

/* What an earlier build has left of an encoding; nothing is encoded. */
static void find_packed(struct holdings *i, struct werr **err)
{
	const struct pieces_options options = {.encodings = {&encoding_initrd}, .n = 1};
	CLEANUP(pieces) struct pieces *p = NULL;

	if (pieces_find(&p, i->plan, &options, err) < 0)
		return;
	for (size_t k = 0; k < i->n; k++) {
		const struct piece *piece = pieces_at(p, &p->rows[0], k);

		i->parts[k].packed = piece && piece->fd >= 0 ? piece->size : 0;
	}
}

static int find_rolls(
	struct holdings *i, const struct build_options *o, struct pieces **ret, struct werr **err)
{
	const struct pieces_options options = {.encodings = {&encoding_roll},
		.n = 1,
		.threads = o->threads,
		.progress = o->progress};
	int r = pieces_find(ret, i->plan, &options, err);

	for (size_t k = 0; r == 0 && k < i->n; k++)
		i->parts[k].kept = !(*ret)->rows[0].is_missing[k];
	if (r == 0 && pieces_need_kernel(*ret))
		r = plan_load_kernel(i->plan, err);
	return r < 0 ? r : pieces_encode(*ret, err);
}

static int fill_holdings(struct holdings *i, const struct build_options *o, struct werr **err)
{
	CLEANUP(pieces) struct pieces *rolls = NULL;
	int r;

	i->n = i->plan->n;
	i->parts = mem_new_array(struct holdings_part, i->n);
	for (size_t k = 0; k < i->n; k++)
		i->parts[k].name = i->plan->parts[k].name;
	r = find_rolls(i, o, &rolls, err);
	if (r == 0)
		r = tree_new(&i->tree, NULL, err);
	for (size_t k = 0; r == 0 && k < i->n; k++)
		r = add_part(i, k, pieces_at(rolls, &rolls->rows[0], k), err);
	if (r < 0)
		return r;
	tree_settle(i->tree);
	find_packed(i, NULL);
	return 0;
}

int holdings_make(const struct config *c, const struct build_options *o, struct holdings *ret,
	struct werr **err)
{
	const struct plan_options options = {.decompress_kernel = o->decompress_kernel,
		.release = o->release,
		.sbom = o->sbom,
		.compression = o->compression,
		.sbom_time = BUILD_TIME};
	CLEANUP(holdings) struct holdings i = {0};
	int r = plan_make(&i.plan, c, &o->images, &options, err);

	if (r == 0)
		r = fill_holdings(&i, o, err);
	if (r < 0)
		return r;
	*ret = i;
	i = (struct holdings){0};
	return 0;
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
	if (!n->file || n->file->id >= i->n_files || !*i->files[n->file->id].sha256)
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
