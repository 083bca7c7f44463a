/* SPDX-License-Identifier: Apache-2.0 */
/* cache push: images, to their registries. */
#include "cli/cli.h"
#include "cli/image-choice.h"
#include "cli/result.h"
#include "net/net.h"
#include "store/registry.h"

struct options {
	struct choice_options choice;
	const char *remote_name;
	bool override, merge, arch_tags;
};

static const struct option options[] = {
	{.name = "platform",
		.kind = OPTION_TEXT,
		.value = "PLATFORM",
		.help = "Push only this platform of an image, such as linux/arm64",
		.offset = offsetof(struct options, choice.platform)},
	{.name = "merge",
		.kind = OPTION_FLAG,
		.help = "Keep what the registry has under this name for other platforms",
		.offset = offsetof(struct options, merge)},
	{.name = "override",
		.kind = OPTION_FLAG,
		.help = "Replace another image that the registry has under this name",
		.offset = offsetof(struct options, override)},
	{.name = "remote-name",
		.kind = OPTION_TEXT,
		.value = "NAME",
		.help = "Name for the image there, if not the one in the cache",
		.offset = offsetof(struct options, remote_name)},
	{.name = "with-arch-tags",
		.kind = OPTION_FLAG,
		.help = "For each platform of an image with several, push also a tag TAG-ARCH",
		.offset = offsetof(struct options, arch_tags)},
	{0},
};

static int push(const struct context *ctx, struct store *store, struct net *net, const char *image,
	const struct push_options *o, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	int r = reference_parse(image, &ref, err);

	return r < 0 ? r : result_push(ctx, store, net, &ref, o, err);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(net) struct net *net = NULL;
	struct platform platform;
	struct push_options p = {
		.remote_name = o->remote_name,
		.override = o->override,
		.merge = o->merge,
		.arch_tags = o->arch_tags,
		.progress = ctx->progress,
	};
	bool given = false;
	int r;

	if (o->remote_name && operands[1])
		return werr_set(err, WERR_USAGE, "--remote-name is for a single image");
	r = choice_platform(&o->choice, &platform, &given, err);
	if (r == 0 && given && o->merge)
		return werr_set(err, WERR_USAGE, "--merge and --%s are mutually exclusive",
			o->choice.arch ? "arch" : "platform");
	if (given)
		p.platform = &platform;
	if (r == 0)
		r = context_open_store(ctx, &store, err);
	if (r == 0)
		r = context_open_net(ctx, &net, err);
	for (; r == 0 && *operands; operands++)
		r = push(ctx, store, net, *operands, &p, err);
	return r;
}

const struct command command_cache_push = {
	.name = "cache push",
	.summary = "Send images from the cache to their registries",
	.operands = "IMAGE...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.text = "An image with several platforms is pushed as a whole. What the registry already "
		"has is not sent again.\n"
		"\n"
		"    wherry cache push --remote-name ghcr.io/me/app:2 app:2",
	.options =
		(const struct option_group[]){
			{choice_arch_options, offsetof(struct options, choice)},
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
