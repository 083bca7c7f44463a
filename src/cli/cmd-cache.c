/* SPDX-License-Identifier: Apache-2.0 */
/* What is in the cache: cache ls, cache rm, cache clean. */
#include "base/mem.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "data/json.h"
#include "store/store.h"

enum { RESULT_MAX = 64 << 20 };

int context_open_store(const struct context *ctx, struct store **ret, struct werr **err)
{
	CLEANUP(free) char *dir = NULL;
	int r = context_cache_dir(ctx, &dir, err);

	return r < 0 ? r : store_open(ret, dir, err);
}

static void add_entry_json(struct buf *out, const struct store_entry *e)
{
	struct json_writer w = JSON_WRITER(out, 0);

	json_open_object(&w);
	json_key_string(&w, "name", e->name);
	json_key_string(&w, "digest", e->descriptor.digest.text);
	json_key_string(&w, "mediaType", e->descriptor.media_type);
	json_close_object(&w);
	buf_putc(out, '\n');
}

static int run_ls(struct context *ctx, ATTR_UNUSED const void *options,
	ATTR_UNUSED const char *const *operands, struct werr **err)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(store_entries) struct store_entries entries = {0};
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	int r = context_open_store(ctx, &store, err);

	if (r == 0)
		r = store_list(store, &entries, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < entries.n; i++)
		if (ctx->global.json)
			add_entry_json(&out, &entries.items[i]);
		else
			buf_printf(&out, "%s %s\n", entries.items[i].name,
				entries.items[i].descriptor.digest.text);
	return output_result(&out, err);
}

const struct command command_cache_ls = {
	.name = "cache ls",
	.summary = "List the images in the cache",
	.operands = "",
	.text = "One line for each: its full name, and the digest of its index or manifest.",
	.run = run_ls,
};

static int run_rm(struct context *ctx, ATTR_UNUSED const void *options, const char *const *operands,
	struct werr **err)
{
	CLEANUP(store) struct store *store = NULL;
	int r = context_open_store(ctx, &store, err);

	for (; r == 0 && *operands; operands++)
		r = store_remove(store, *operands, err);
	return r;
}

const struct command command_cache_rm = {
	.name = "cache rm",
	.summary = "Remove images from the cache, with what only they used",
	.operands = "IMAGE...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.run = run_rm,
};

static const struct option clean_options[] = {
	{.name = "published-only", .kind = OPTION_ABSENT},
	{0},
};

static int run_clean(struct context *ctx, ATTR_UNUSED const void *options,
	ATTR_UNUSED const char *const *operands, struct werr **err)
{
	CLEANUP(store) struct store *store = NULL;
	int r = context_open_store(ctx, &store, err);

	return r < 0 ? r : store_clean(store, err);
}

const struct command command_cache_clean = {
	.name = "cache clean",
	.summary = "Remove everything from the cache",
	.operands = "",
	.options = clean_options,
	.run = run_clean,
};
