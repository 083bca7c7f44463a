/* SPDX-License-Identifier: Apache-2.0 */
/* cache ls: what is in the cache. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/image-choice.h"
#include "cli/print.h"
#include "data/json.h"
#include "store/store.h"

enum { RESULT_MAX = 64 << 20 };

static void add_entry_json(struct buf *out, const struct store_entry *e,
	const struct store_platforms *platforms, uint64_t size)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "name", e->name);
	json_key_string(&w, "digest", e->descriptor.digest.text);
	json_key_string(&w, "mediaType", e->descriptor.media_type);
	json_key_u64(&w, "size", size);
	choice_add_platforms(&w, platforms, CHOICE_HERE);
	json_close_object(&w);
	buf_putc(out, '\n');
}

static void add_entry(struct buf *out, const struct store_entry *e,
	const struct store_platforms *platforms, uint64_t size)
{
	const char *separator = " ";
	char text[PLATFORM_TEXT_MAX], size_text[16];

	buf_printf(out, "%s %s", e->name, e->descriptor.digest.text);
	for (size_t i = 0; i < platforms->n; i++) {
		if (!platforms->items[i].here)
			continue;
		buf_printf(
			out, "%s%s", separator, platform_text(&platforms->items[i].platform, text));
		separator = ",";
	}
	buf_printf(
		out, "%s%s\n", *separator == ' ' ? " incomplete " : " ", str_size(size_text, size));
}

static uint64_t size_of(const struct store_usage *usage, const char *name)
{
	for (size_t i = 0; i < usage->n; i++)
		if (str_eq(usage->images[i].name, name))
			return usage->images[i].total;
	return 0;
}

static int run(struct context *ctx, ATTR_UNUSED const void *options,
	ATTR_UNUSED const char *const *operands, struct werr **err)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(store_entries) struct store_entries entries = {0};
	CLEANUP(store_usage) struct store_usage usage = {0};
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	int r = context_open_store(ctx, &store, err);

	if (r == 0)
		r = store_list(store, &entries, err);
	if (r == 0)
		r = store_measure(store, &usage, err);
	for (size_t i = 0; r == 0 && i < entries.n; i++) {
		const struct store_entry *e = &entries.items[i];
		CLEANUP(store_platforms) struct store_platforms platforms = {0};

		/* What is wrong with one is for `cache verify` to say. */
		(void)store_list_platforms(store, &e->descriptor, &platforms, NULL);
		(ctx->global.json ? add_entry_json : add_entry)(
			&out, e, &platforms, size_of(&usage, e->name));
	}
	return r < 0 ? r : print_result(&out, err);
}

const struct command command_cache_ls = {
	.name = "cache ls",
	.summary = "List the images in the cache",
	.operands = "",
	.text = "One line for each: its full name, the digest of its index or manifest, the "
		"platforms that are in the cache, and the size of all its blobs.",
	.run = run,
};
