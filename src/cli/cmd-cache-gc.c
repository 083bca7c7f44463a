/* SPDX-License-Identifier: Apache-2.0 */
/* cache gc: what no image needs. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "data/json.h"
#include "store/piece.h"
#include "store/store.h"

enum { RESULT_MAX = 1 << 10, DAYS_MAX = 1 << 20, SECONDS_PER_DAY = 24 * 60 * 60 };

struct options {
	uint64_t days, size;
};

static const struct option options[] = {
	{.name = "pieces-days",
		.kind = OPTION_NUMBER,
		.value = "N",
		.help = "Remove pieces that no build has used for this many days",
		.fallback = "30",
		.offset = offsetof(struct options, days)},
	{.name = "pieces-size",
		.kind = OPTION_SIZE,
		.value = "SIZE",
		.help = "Keep at most this much of pieces, in MiB or as in 2G: those that were "
			"used last",
		.fallback = "4G",
		.offset = offsetof(struct options, size)},
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

static int run(struct context *ctx, const void *values, ATTR_UNUSED const char *const *operands,
	struct werr **err)
{
	const struct options *o = values;
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
	return ctx->global.quiet && !ctx->global.json ? 0 : print_result(&out, err);
}

const struct command command_cache_gc = {
	.name = "cache gc",
	.summary = "Remove from the cache what no image needs",
	.operands = "",
	.text = "Images that have a name stay as they are: `wherry cache rm` removes those. "
		"Waits up to ten seconds for other processes that use the cache. Pieces are what "
		"builds leave, so that the next one copies what has not changed; every build "
		"removes those that are too old or too many.",
	.options = (const struct option_group[]){{.options = options}, {0}},
	.size = sizeof(struct options),
	.run = run,
};
