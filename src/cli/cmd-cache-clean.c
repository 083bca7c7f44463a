/* SPDX-License-Identifier: Apache-2.0 */
/* cache clean: everything. */
#include <unistd.h>

#include "base/mem.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/published-only.h"
#include "cli/result.h"
#include "store/store.h"

struct options {
	struct published_options published;
	bool yes;
};

static const struct option options[] = {
	{.name = "yes",
		.letter = 'y',
		.kind = OPTION_FLAG,
		.help = "Do not ask first; without a terminal it never does",
		.offset = offsetof(struct options, yes)},
	{0},
};

/* Scripts, also LinuxKit's, have no terminal or call it by LinuxKit's name. */
static bool has_to_ask(const struct context *ctx, const struct options *o)
{
	return !o->yes && !ctx->as_linuxkit && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static int confirm(struct store *store, struct werr **err)
{
	CLEANUP(store_usage) struct store_usage usage = {0};
	CLEANUP(free) char *question = NULL;
	char size[16];
	bool yes = false;
	int r = store_measure(store, &usage, NULL);

	question = r < 0 ? str_printf("Remove all that is in %s?", store_dir(store))
			 : str_printf("Remove all %zu images, and what builds have kept (%s), "
				      "from %s?",
				   usage.n, str_size(size, usage.total + usage.pieces),
				   store_dir(store));
	r = ask_yes(question, &yes, err);
	if (r < 0 || yes)
		return r;
	return werr_set(err, WERR_FAILED, "nothing was removed");
}

static int clean(
	struct context *ctx, const struct options *o, struct store *store, struct werr **err)
{
	CLEANUP(store_entries) struct store_entries entries = {0};
	int r = has_to_ask(ctx, o) ? confirm(store, err) : 0;

	if (r < 0)
		return r;
	/* A list that can't be read is no obstacle: this is the way out. */
	(void)store_list(store, &entries, NULL);
	r = store_clean(store, err);
	return r < 0 ? r : result_show_removed(ctx, NULL, entries.n, store_freed(store).bytes, err);
}

static int run(struct context *ctx, const void *values, ATTR_UNUSED const char *const *operands,
	struct werr **err)
{
	const struct options *o = values;
	CLEANUP(store) struct store *store = NULL;
	int r = context_open_store(ctx, &store, err);

	if (r < 0)
		return r;
	return o->published.only ? published_remove(ctx, store, NULL, err)
				 : clean(ctx, o, store, err);
}

const struct command command_cache_clean = {
	.name = "cache clean",
	.summary = "Remove everything from the cache",
	.operands = "",
	.text = "On a terminal it asks first.",
	.options =
		(const struct option_group[]){
			{published_options, offsetof(struct options, published)},
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
