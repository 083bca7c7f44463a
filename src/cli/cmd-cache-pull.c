/* SPDX-License-Identifier: Apache-2.0 */
/* cache pull: images, from their registries. */
#include <stdlib.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/image-choice.h"
#include "cli/result.h"
#include "net/net.h"
#include "store/registry.h"

struct options {
	struct choice_options choice;
	bool all;
};

static const struct option options[] = {
	{.name = "platform",
		.kind = OPTION_TEXT,
		.value = "PLATFORM",
		.help = "Platform to pull of an image with several, such as linux/arm64; by "
			"default this machine's",
		.offset = offsetof(struct options, choice.platform)},
	{.name = "all-platforms",
		.kind = OPTION_FLAG,
		.help = "Pull all platforms of an image",
		.offset = offsetof(struct options, all)},
	{0},
};

/* Names that can't be understood do not keep the others from coming. */
static size_t parse(
	const char *const *images, struct reference *ret, int *ret_result, struct werr **err)
{
	size_t n = 0;

	for (; *images; images++) {
		struct werr *why = NULL;
		int r = reference_parse(*images, &ret[n], &why);

		if (r == 0) {
			n++;
			continue;
		}
		werr_wrap(&why, "can't pull %s", *images);
		werr_append(err, why);
		*ret_result = r;
	}
	return n;
}

/* What the store has under the name now; was: what it had before. */
static int show(const struct context *ctx, struct store *store, const struct reference *ref,
	const struct result_image *was, struct werr **err)
{
	struct result_image now;
	int r = result_look_up(store, ref, &now, err);

	now.key = "cached";
	now.was = "was in the cache";
	now.before = r == 0 && digest_eq(&was->digest, &now.digest) && was->size == now.size;
	return r < 0 ? r : result_show_image(ctx, &now, err);
}

static int pull(const struct context *ctx, struct store *store, struct net *net,
	const char *const *images, size_t n, const struct pull_options *o, struct werr **err)
{
	CLEANUP(free) struct reference *refs = mem_new_array(struct reference, n);
	CLEANUP(free) struct werr **errors = mem_new_array(struct werr *, n);
	CLEANUP(free) struct result_image *was = mem_new_array(struct result_image, n);
	int result = 0, r;

	n = parse(images, refs, &result, err);
	for (size_t i = 0; i < n; i++)
		(void)result_look_up(store, &refs[i], &was[i], NULL);
	r = store_pull(store, net, refs, n, o, errors, err);
	for (size_t i = 0; i < n; i++) {
		if ((r == 0 || !err || !*err) && !errors[i])
			(void)show(ctx, store, &refs[i], &was[i], &errors[i]);
		werr_wrap(&errors[i], "can't pull %s", refs[i].text);
		werr_append(err, errors[i]);
		reference_cleanup(&refs[i]);
	}
	return r < 0 ? r : result;
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(net) struct net *net = NULL;
	struct platform platform;
	bool given = false;
	size_t n = 0;
	int r = choice_platform(&o->choice, &platform, &given, err);

	if (r == 0 && o->all && given)
		return werr_set(err, WERR_USAGE, "--all-platforms and --%s are mutually exclusive",
			o->choice.arch ? "arch" : "platform");
	if (r == 0)
		r = context_open_store(ctx, &store, err);
	if (r == 0)
		r = context_open_net(ctx, &net, err);
	if (r < 0)
		return r;
	while (operands[n])
		n++;
	return pull(ctx, store, net, operands, n,
		&(struct pull_options){
			.platform = o->all ? NULL : &platform, .progress = ctx->progress},
		err);
}

const struct command command_cache_pull = {
	.name = "cache pull",
	.summary = "Fetch images from their registries into the cache",
	.operands = "IMAGE...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.text = "What is already in the cache is not fetched again. A name in the cache then "
		"stands for what the registry has under it now.\n"
		"\n"
		"    wherry cache pull nginx:1.27 ghcr.io/me/app@sha256:...",
	.options =
		(const struct option_group[]){
			{choice_arch_options, offsetof(struct options, choice)},
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
