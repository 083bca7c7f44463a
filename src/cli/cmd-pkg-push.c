/* SPDX-License-Identifier: Apache-2.0 */
/* pkg push: component images, built and sent to their registry. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/component.h"
#include "net/net.h"
#include "store/registry.h"

struct options {
	struct component_options component;
	bool override;
};

static const struct option options[] = {
	{.name = "override",
		.kind = OPTION_FLAG,
		.help = "Replace another image that the registry has under this name",
		.offset = offsetof(struct options, override)},
	{.name = "manifest", .kind = OPTION_ABSENT},
	{.name = "nobuild", .kind = OPTION_ABSENT},
	{.name = "release", .kind = OPTION_ABSENT},
	{0},
};

static int push_one(struct context *ctx, struct store *store, struct net *net, const char *dir,
	const struct options *o, struct werr **err)
{
	const struct push_options push = {
		.override = o->override, .merge = true, .progress = ctx->progress};
	CLEANUP(reference) struct reference ref = {0};
	CLEANUP(free) char *name = NULL;
	int r = component_build(ctx, store, dir, &o->component, &name, err);

	if (r == 0)
		r = reference_parse(name, &ref, err);
	return r < 0 ? r : store_push(store, net, &ref, &push, err);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(net) struct net *net = NULL;
	int r = context_open_store(ctx, &store, err);

	if (r == 0)
		r = context_open_net(ctx, &net, err);
	for (; r == 0 && *operands; operands++)
		r = push_one(ctx, store, net, *operands, values, err);
	return r;
}

const struct command command_pkg_push = {
	.name = "pkg push",
	.summary = "Build component images and send them to their registry",
	.operands = "DIR...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.text = "Like `pkg build` followed by `cache push`. All platforms of an image that are "
		"in the cache are pushed together; what the registry has under the tag for other "
		"platforms stays.",
	.options =
		(const struct option_group[]){
			{component_tag_options, offsetof(struct options, component)},
			{component_build_options, offsetof(struct options, component)},
			{component_path_options, offsetof(struct options, component.packages)},
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
