/* SPDX-License-Identifier: Apache-2.0 */
/* The state of the cache: cache du, cache verify, cache gc. */
#include <inttypes.h>

#include "base/mem.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "data/json.h"
#include "net/net.h"
#include "store/piece.h"
#include "store/registry.h"

enum { RESULT_MAX = 64 << 20, SIZE_COLUMN = 10, DAYS_MAX = 1 << 20 };

static void add_use_json(struct buf *out, const struct store_use *u)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "name", u->name);
	json_key_u64(&w, "total", u->total);
	json_key_u64(&w, "shared", u->total - u->unique);
	json_key_u64(&w, "unique", u->unique);
	json_close_object(&w);
	buf_putc(out, '\n');
}

static void add_whole_json(struct buf *out, const struct store_usage *u)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_u64(&w, "total", u->total);
	json_key_u64(&w, "unused", u->unused);
	json_key_u64(&w, "pieces", u->pieces);
	json_close_object(&w);
	buf_putc(out, '\n');
}

static void add_row(
	struct buf *out, uint64_t total, uint64_t shared, uint64_t unique, const char *name)
{
	char a[16], b[16], c[16];

	buf_printf(out, "%*s %*s %*s  %s\n", SIZE_COLUMN, str_size(a, total), SIZE_COLUMN,
		str_size(b, shared), SIZE_COLUMN, str_size(c, unique), name);
}

static void add_table(struct buf *out, const struct store_usage *u)
{
	char total[16], unused[16], pieces[16];

	buf_printf(out, "%*s %*s %*s  %s\n", SIZE_COLUMN, "total", SIZE_COLUMN, "shared",
		SIZE_COLUMN, "unique", "image");
	for (size_t i = 0; i < u->n; i++)
		add_row(out, u->images[i].total, u->images[i].total - u->images[i].unique,
			u->images[i].unique, u->images[i].name);
	buf_printf(out, "%*s in all; %s of it belongs to no image%s\n", SIZE_COLUMN,
		str_size(total, u->total), str_size(unused, u->unused),
		u->unused ? " and goes with: wherry cache gc" : "");
	buf_printf(out, "%*s of pieces, which make the next build fast\n", SIZE_COLUMN,
		str_size(pieces, u->pieces));
}

static int run_du(struct context *ctx, ATTR_UNUSED const void *options,
	ATTR_UNUSED const char *const *operands, struct werr **err)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(store_usage) struct store_usage usage = {0};
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	int r = context_open_store(ctx, &store, err);

	if (r == 0)
		r = store_measure(store, &usage, err);
	if (r < 0)
		return r;
	for (size_t i = 0; ctx->global.json && i < usage.n; i++)
		add_use_json(&out, &usage.images[i]);
	if (ctx->global.json)
		add_whole_json(&out, &usage);
	else
		add_table(&out, &usage);
	return output_result(&out, err);
}

const struct command command_cache_du = {
	.name = "cache du",
	.summary = "Show how much room the images in the cache take",
	.operands = "",
	.text = "For each image: all its blobs, those that other images have too, and those that "
		"would go with it. Then the whole cache, and what builds have left in it.",
	.run = run_du,
};

struct verify_options {
	bool repair;
};

static const struct option verify_options[] = {
	{.name = "repair",
		.kind = OPTION_FLAG,
		.help = "Remove what is damaged, and fetch from the registries what images need",
		.offset = offsetof(struct verify_options, repair)},
	{0},
};

static void add_problem_json(struct buf *out, const struct store_problem *p)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, p->piece ? "piece" : "blob", p->digest.text);
	json_key_string(&w, "problem", p->missing ? "missing" : "damaged");
	json_key_strings(&w, "images", &p->images);
	json_close_object(&w);
	buf_putc(out, '\n');
}

static void add_problem(struct buf *out, const struct store_problem *p)
{
	CLEANUP(free) char *images = strv_join(&p->images, " ");

	buf_printf(out, "%s %s %s\n", p->missing ? "missing" : "damaged", p->digest.text,
		p->piece      ? "(a build's piece)"
		: p->images.n ? images
			      : "(no image needs it)");
}

static int show_check(
	const struct store_check *c, const struct global_options *g, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	char size[16];

	for (size_t i = 0; i < c->n; i++)
		(g->json ? add_problem_json : add_problem)(&out, &c->problems[i]);
	if (!g->json && !g->quiet && c->n == 0)
		buf_printf(&out, "%zu blobs and %zu pieces, %s: all as they should be\n", c->blobs,
			c->pieces, str_size(size, c->bytes));
	return output_result(&out, err);
}

static int found_problems(const struct store_check *c, struct werr **err)
{
	int r;

	if (c->n == 0)
		return 0;
	r = werr_set(err, WERR_CORRUPT, "%zu file%s of the store %s damaged or missing", c->n,
		c->n == 1 ? "" : "s", c->n == 1 ? "is" : "are");
	werr_hint(err, "fetch them again with --repair");
	return r;
}

/* Each image that lacks something, once. */
static void list_images(const struct store_check *c, struct strv *ret)
{
	const char *name;

	for (size_t i = 0; i < c->n; i++)
		STRV_FOREACH (name, &c->problems[i].images)
			if (!strv_has(ret, name))
				strv_add(ret, name);
}

/* What can't be had is told of each image. */
static int mend_all(
	struct context *ctx, struct store *store, const struct store_check *c, struct werr **err)
{
	CLEANUP(free) struct digest *wanted = mem_new_array(struct digest, c->n);
	CLEANUP(strv) struct strv images = {0};
	CLEANUP(net) struct net *net = NULL;
	const char *name;
	int result = context_open_net(ctx, &net, err);

	if (result < 0)
		return result;
	for (size_t i = 0; i < c->n; i++)
		wanted[i] = c->problems[i].digest;
	list_images(c, &images);
	STRV_FOREACH (name, &images) {
		struct werr *why = NULL;
		int r = store_mend(store, net, name, wanted, c->n, &why);

		if (r == 0)
			continue;
		werr_wrap(&why, "image %s must be had again", name);
		werr_hint(&why, "import it again, or remove it with: wherry cache rm %s", name);
		werr_append(err, why);
		result = r;
	}
	return result;
}

static int run_verify(struct context *ctx, const void *values,
	ATTR_UNUSED const char *const *operands, struct werr **err)
{
	const struct verify_options *o = values;
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(store_check) struct store_check check = {0};
	int r = context_open_store(ctx, &store, err);

	if (r == 0)
		r = store_verify(store, ctx->progress, &check, err);
	if (r == 0 && o->repair)
		r = store_remove_damaged(store, &check, err);
	if (r == 0)
		r = show_check(&check, &ctx->global, err);
	if (r < 0)
		return r;
	return o->repair ? mend_all(ctx, store, &check, err) : found_problems(&check, err);
}

const struct command command_cache_verify = {
	.name = "cache verify",
	.summary = "Check everything in the cache against its digest",
	.operands = "",
	.text = "Reads all of the cache. Shows each blob that is damaged or missing, with the "
		"images that need it, and fails when there is one.",
	.options = verify_options,
	.size = sizeof(struct verify_options),
	.run = run_verify,
};

struct gc_options {
	uint64_t days, size;
};

static const struct option gc_options[] = {
	{.name = "pieces-days",
		.kind = OPTION_NUMBER,
		.value = "N",
		.help = "Remove pieces that no build has used for so many days",
		.fallback = "30",
		.offset = offsetof(struct gc_options, days)},
	{.name = "pieces-size",
		.kind = OPTION_SIZE,
		.value = "SIZE",
		.help = "Keep so much of pieces, in MiB or as 2G: those that were used last",
		.fallback = "4G",
		.offset = offsetof(struct gc_options, size)},
	{0},
};

static void add_garbage(struct buf *out, const struct store_garbage *blobs,
	const struct store_garbage *pieces, bool json)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);
	char size[16], pieces_size[16];

	if (json) {
		json_open_object(&w);
		json_key_u64(&w, "blobs", blobs->blobs);
		json_key_u64(&w, "size", blobs->bytes);
		json_key_u64(&w, "pieces", pieces->blobs);
		json_key_u64(&w, "pieces_size", pieces->bytes);
		json_close_object(&w);
	} else {
		buf_printf(out, "%zu blob%s removed, %s; %zu piece%s, %s", blobs->blobs,
			blobs->blobs == 1 ? "" : "s", str_size(size, blobs->bytes), pieces->blobs,
			pieces->blobs == 1 ? "" : "s", str_size(pieces_size, pieces->bytes));
	}
	buf_putc(out, '\n');
}

static int run_gc(struct context *ctx, const void *values, ATTR_UNUSED const char *const *operands,
	struct werr **err)
{
	const struct gc_options *o = values;
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	struct store_garbage blobs, pieces;
	uint64_t seconds = o->days < DAYS_MAX ? o->days * 24 * 3600 : UINT64_MAX;
	int r = context_open_store(ctx, &store, err);

	if (r == 0)
		r = store_trim_pieces(store, seconds, o->size, &pieces, err);
	if (r == 0)
		r = store_gc(store, &blobs, err);
	if (r < 0)
		return r;
	add_garbage(&out, &blobs, &pieces, ctx->global.json);
	return ctx->global.quiet && !ctx->global.json ? 0 : output_result(&out, err);
}

const struct command command_cache_gc = {
	.name = "cache gc",
	.summary = "Remove from the cache what no image needs",
	.operands = "",
	.text = "Images that have a name stay as they are: `wherry cache rm` removes those. Waits up "
		"to ten seconds for other processes that use the cache. Pieces are what builds "
		"have left, so that the next one copies what has not changed; every build removes "
		"those that are too old or too many.",
	.options = gc_options,
	.size = sizeof(struct gc_options),
	.run = run_gc,
};
