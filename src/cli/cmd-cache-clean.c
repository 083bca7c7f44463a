/* SPDX-License-Identifier: Apache-2.0 */
/* cache clean: everything. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/published-only.h"
#include "store/store.h"

static int run(struct context *ctx, const void *values, ATTR_UNUSED const char *const *operands,
	struct werr **err)
{
	const struct published_options *o = values;
	CLEANUP(store) struct store *store = NULL;
	int r = context_open_store(ctx, &store, err);

	if (r < 0)
		return r;
	return o->only ? published_remove(ctx, store, NULL, err) : store_clean(store, err);
}

const struct command command_cache_clean = {
	.name = "cache clean",
	.summary = "Remove everything from the cache",
	.operands = "",
	.options = (const struct option_group[]){{.options = published_options}, {0}},
	.size = sizeof(struct published_options),
	.run = run,
};
