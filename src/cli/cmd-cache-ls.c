/* SPDX-License-Identifier: Apache-2.0 */
/* cache ls: what is in the cache. */
#include <unistd.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/image-choice.h"
#include "cli/print.h"
#include "data/table.h"
#include "data/terminal.h"
#include "data/json.h"
#include "store/store.h"

enum { RESULT_MAX = 64 << 20, DIGEST_SHOWN = 12 };

struct options {
	bool no_trunc;
};

static const struct option options[] = {
	{.name = "no-trunc",
		.kind = OPTION_FLAG,
		.help = "On a terminal, show names and digests in full, as everywhere else",
		.offset = offsetof(struct options, no_trunc)},
	{0},
};

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

/* ---- on a terminal ---- */

static const struct table_column columns[] = {
	{"IMAGE", false}, {"DIGEST", false}, {"PLATFORM", false}, {"SIZE", true}};

/* What a name that is typed may leave out. */
static const char *short_name(const char *name)
{
	static const char *const implied[] = {"docker.io/library/", "docker.io/"};

	for (size_t i = 0; i < ARRAY_SIZE(implied); i++)
		if (str_after(name, implied[i]))
			return str_after(name, implied[i]);
	return name;
}

static char *digest_cell(const struct digest *d, bool whole)
{
	const char *hex = strchr(d->text, ':');

	return whole || !hex ? str_dup(d->text) : str_dup_n(hex + 1, DIGEST_SHOWN);
}

/* The first platform that is here, and how many others are. */
static char *platform_cell(const struct store_platforms *platforms)
{
	char text[PLATFORM_TEXT_MAX];
	const struct store_platform *first = NULL;
	size_t more = 0;

	for (size_t i = 0; i < platforms->n; i++)
		if (platforms->items[i].here && first)
			more++;
		else if (platforms->items[i].here)
			first = &platforms->items[i];
	if (!first)
		return str_dup("incomplete");
	platform_text(&first->platform, text);
	return more ? str_printf("%s +%zu", text, more) : str_dup(text);
}

static void add_row(struct table *t, const struct store_entry *e,
	const struct store_platforms *platforms, uint64_t size, bool whole)
{
	char size_text[16];

	strv_add(&t->cells, whole ? e->name : short_name(e->name));
	strv_take(&t->cells, digest_cell(&e->descriptor.digest, whole));
	strv_take(&t->cells, platform_cell(platforms));
	strv_add(&t->cells, str_size(size_text, size));
}

/* ---- */

static uint64_t size_of(const struct store_usage *usage, const char *name)
{
	for (size_t i = 0; i < usage->n; i++)
		if (str_eq(usage->images[i].name, name))
			return usage->images[i].total;
	return 0;
}

static int run(struct context *ctx, const void *values, ATTR_UNUSED const char *const *operands,
	struct werr **err)
{
	const struct options *o = values;
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(store_entries) struct store_entries entries = {0};
	CLEANUP(store_usage) struct store_usage usage = {0};
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	CLEANUP(table) struct table table = {.columns = columns, .n = ARRAY_SIZE(columns)};
	bool terminal = isatty(STDOUT_FILENO);
	int r = context_open_store(ctx, &store, err);

	if (r == 0)
		r = store_list(store, &entries, err);
	if (r == 0)
		r = store_measure(store, &usage, err);
	for (size_t i = 0; r == 0 && i < entries.n; i++) {
		const struct store_entry *e = &entries.items[i];
		CLEANUP(store_platforms) struct store_platforms platforms = {0};
		uint64_t size = size_of(&usage, e->name);

		/* What is wrong with one is for `cache verify` to say. */
		(void)store_list_platforms(store, &e->descriptor, &platforms, NULL);
		if (ctx->global.json)
			add_entry_json(&out, e, &platforms, size);
		else if (terminal)
			add_row(&table, e, &platforms, size, o->no_trunc);
		else
			add_entry(&out, e, &platforms, size);
	}
	if (terminal && !ctx->global.json && (entries.n || !ctx->global.quiet))
		table_write(&out, &table, o->no_trunc ? 0 : terminal_width(STDOUT_FILENO));
	return r < 0 ? r : print_result(&out, err);
}

const struct command command_cache_ls = {
	.name = "cache ls",
	.summary = "List the images in the cache",
	.operands = "",
	.text = "One line for each: its full name, the digest of its index or manifest, the "
		"platforms that are in the cache, and the size of all its blobs. On a terminal it "
		"is a table that fits: without docker.io/, and with the digest's beginning.",
	.options = (const struct option_group[]){{.options = options}, {0}},
	.size = sizeof(struct options),
	.run = run,
};
