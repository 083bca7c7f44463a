/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/published-only.h"

#include <errno.h>

#include "base/log.h"
#include "base/mem.h"
#include "cli/result.h"
#include "net/net.h"
#include "store/registry.h"

const struct option published_options[] = {
	{.name = "published-only",
		.kind = OPTION_FLAG,
		.help = "Only images that their registries have as well, so that they can be "
			"pulled again",
		.offset = offsetof(struct published_options, only)},
	{0},
};

/* An image whose registry can't be asked counts as not published: it stays. */
static int remove_published(const struct context *ctx, struct store *store, struct net *net,
	const struct store_entry *e, struct werr **err)
{
	uint64_t before = store_freed(store).bytes;
	CLEANUP(reference) struct reference ref = {0};
	CLEANUP(werr) struct werr *why = NULL;
	bool published = false;
	int r = store_is_published(net, e, &published, &why);

	if (r == -ECANCELED) {
		werr_pass(err, STEAL(why));
		return r;
	}
	if (r == 0 && published) {
		r = reference_parse(e->name, &ref, err);
		if (r == 0)
			r = store_remove(store, &ref, err);
		return r < 0 ? r
			     : result_show_removed(
				       ctx, ref.name, 1, store_freed(store).bytes - before, err);
	}
	log_info("image %s stays: %s", e->name,
		why ? why->message : "its registry does not have it");
	return 0;
}

static const struct store_entry *find(const struct store_entries *entries, const char *name)
{
	for (size_t i = 0; i < entries->n; i++)
		if (str_eq(entries->items[i].name, name))
			return &entries->items[i];
	return NULL;
}

/* The entry that an operand stands for. */
static int look_up(struct store *store, const struct store_entries *entries, const char *text,
	const struct store_entry **ret, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	struct descriptor d = {0};
	int r = reference_parse(text, &ref, err);

	if (r == 0)
		r = store_resolve(store, &ref, &d, err);
	descriptor_cleanup(&d);
	if (r < 0)
		return r;
	*ret = find(entries, ref.name);
	return *ret ? 0
		    : werr_set(err, WERR_NOT_FOUND, "the store has no image with the name %s",
			      ref.name);
}

int published_remove(
	struct context *ctx, struct store *store, const char *const *operands, struct werr **err)
{
	CLEANUP(store_entries) struct store_entries entries = {0};
	CLEANUP(net) struct net *net = NULL;
	int r = store_list(store, &entries, err);

	if (r == 0)
		r = context_open_net(ctx, &net, err);
	for (size_t i = 0; r == 0 && !operands && i < entries.n; i++)
		r = remove_published(ctx, store, net, &entries.items[i], err);
	for (; r == 0 && operands && *operands; operands++) {
		const struct store_entry *e = NULL;

		r = look_up(store, &entries, *operands, &e, err);
		if (r == 0)
			r = remove_published(ctx, store, net, e, err);
	}
	return r;
}
