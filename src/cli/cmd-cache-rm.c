/* SPDX-License-Identifier: Apache-2.0 */
/* cache rm: images, and what only they used. */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/published-only.h"
#include "cli/result.h"
#include "store/store.h"

static int remove_image(
	const struct context *ctx, struct store *store, const char *text, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	uint64_t before = store_freed(store).bytes;
	int r = reference_parse(text, &ref, err);

	if (r == 0)
		r = store_remove(store, &ref, err);
	return r < 0 ? r
		     : result_show_removed(
			       ctx, ref.name, 1, store_freed(store).bytes - before, err);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct published_options *o = values;
	CLEANUP(store) struct store *store = NULL;
	int r = context_open_store(ctx, &store, err);

	if (r == 0 && o->only)
		r = published_remove(ctx, store, operands, err);
	else
		for (; r == 0 && *operands; operands++)
			r = remove_image(ctx, store, *operands, err);
	/* Fetching an image in order to remove it is not the way out. */
	if (r == -ENOENT && err && *err && (*err)->kind == WERR_NOT_FOUND) {
		free(STEAL((*err)->hint));
		werr_hint(err, "'wherry cache ls' lists the images");
	}
	return r;
}

const struct command command_cache_rm = {
	.name = "cache rm",
	.summary = "Remove images from the cache, and what only they used",
	.operands = "IMAGE...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.options = (const struct option_group[]){{.options = published_options}, {0}},
	.size = sizeof(struct published_options),
	.run = run,
};
