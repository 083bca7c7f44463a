/* SPDX-License-Identifier: Apache-2.0 */
/* cache du: how much space the cache takes. */
#include <unistd.h>

#include "base/mem.h"
#include "cli/called.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "data/terminal.h"
#include "data/json.h"
#include "store/store.h"

enum { RESULT_MAX = 64 << 20, SIZE_COLUMN = 10, NAME_MIN = 12 };

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

/* room: what the name may take; 0: all. */
static void add_row(struct buf *out, const struct store_use *u, size_t room)
{
	char a[16], b[16], c[16];

	buf_printf(out, "%*s %*s %*s  ", SIZE_COLUMN, str_size(a, u->total), SIZE_COLUMN,
		str_size(b, u->total - u->unique), SIZE_COLUMN, str_size(c, u->unique));
	if (room)
		terminal_add(out, u->name, room, TERMINAL_CUT_END);
	else
		buf_puts(out, u->name);
	buf_putc(out, '\n');
}

/* The columns that a terminal has left for names; 0 in a pipe. */
static size_t room_for_names(void)
{
	size_t width = isatty(STDOUT_FILENO) ? terminal_width(STDOUT_FILENO) : 0;
	size_t sizes = 3 * (SIZE_COLUMN + 1) + 1;

	if (!width)
		return 0;
	return width > sizes + NAME_MIN ? width - sizes : NAME_MIN;
}

static void add_table(struct buf *out, const struct context *ctx, const struct store_usage *u)
{
	CLEANUP(free) char *gc = called_text(&ctx->called, " and is removed by: wherry cache gc");
	char total[16], unused[16], pieces[16];
	size_t room = room_for_names();

	buf_printf(out, "%*s %*s %*s  %s\n", SIZE_COLUMN, "total", SIZE_COLUMN, "shared",
		SIZE_COLUMN, "unique", "image");
	for (size_t i = 0; i < u->n; i++)
		add_row(out, &u->images[i], room);
	buf_printf(out, "%*s in total; %s of it belongs to no image%s\n", SIZE_COLUMN,
		str_size(total, u->total), str_size(unused, u->unused), u->unused ? gc : "");
	buf_printf(out, "%*s of pieces, which make the next build faster\n", SIZE_COLUMN,
		str_size(pieces, u->pieces));
}

static int run(struct context *ctx, ATTR_UNUSED const void *options,
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
		add_table(&out, ctx, &usage);
	return print_result(&out, err);
}

const struct command command_cache_du = {
	.name = "cache du",
	.summary = "Show how much space the images in the cache take",
	.operands = "",
	.text = "For each image: all its blobs, those that other images have as well, and those "
		"that would be removed with it. Then the whole cache, and what builds left in it.",
	.run = run,
};
