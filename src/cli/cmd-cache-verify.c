/* SPDX-License-Identifier: Apache-2.0 */
/* cache verify: everything in the cache against its digest. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "data/json.h"
#include "net/net.h"
#include "store/registry.h"

enum { RESULT_MAX = 64 << 20 };

struct options {
	bool repair;
};

static const struct option options[] = {
	{.name = "repair",
		.kind = OPTION_FLAG,
		.help = "Remove what is damaged, and fetch what images need from their registries",
		.offset = offsetof(struct options, repair)},
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

static void add_whole_json(struct buf *out, const struct store_check *c)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_u64(&w, "blobs", c->blobs);
	json_key_u64(&w, "pieces", c->pieces);
	json_key_u64(&w, "size", c->bytes);
	json_key_u64(&w, "problems", c->n);
	json_close_object(&w);
	buf_putc(out, '\n');
}

static int show_check(
	const struct store_check *c, const struct global_options *g, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	char size[16];

	for (size_t i = 0; i < c->n; i++)
		(g->json ? add_problem_json : add_problem)(&out, &c->problems[i]);
	if (g->json)
		add_whole_json(&out, c);
	else if (!g->quiet && c->n == 0)
		buf_printf(&out, "%zu blobs and %zu pieces, %s: all intact\n", c->blobs, c->pieces,
			str_size(size, c->bytes));
	return print_result(&out, err);
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

/* Each image that cannot be mended is reported. */
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

		werr_wrap(&why, "image %s has to be fetched again", name);
		werr_hint(&why, "import it again, or remove it with: wherry cache rm %s", name);
		werr_collect(err, &result, r, why);
	}
	return result;
}

static int run(struct context *ctx, const void *values, ATTR_UNUSED const char *const *operands,
	struct werr **err)
{
	const struct options *o = values;
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
	.text = "Reads the whole cache. Shows each blob that is damaged or missing, with the "
		"images that need it, and fails if there is one.",
	.options = (const struct option_group[]){{.options = options}, {0}},
	.size = sizeof(struct options),
	.run = run,
};
