/* SPDX-License-Identifier: Apache-2.0 */
/* pkg remote-tag: a second tag for an image in a registry. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/component.h"
#include "cli/result.h"
#include "net/net.h"
#include "oci/reference.h"
#include "store/registry.h"

struct options {
	struct component_options component; /* LinuxKit takes these here, and does not use them */
	const char *release;
};

static const struct option options[] = {
	{.name = "release",
		.kind = OPTION_TEXT,
		.value = "TAG",
		.help = "LinuxKit takes it and does not use it",
		.hidden = true,
		.offset = offsetof(struct options, release)},
	{0},
};

static int run(struct context *ctx, ATTR_UNUSED const void *values, const char *const *operands,
	struct werr **err)
{
	CLEANUP(net) struct net *net = NULL;
	CLEANUP(reference) struct reference from = {0}, to = {0};
	struct digest digest = {0};
	bool same = false;
	int r = reference_parse(operands[0], &from, err);

	if (r == 0)
		r = reference_parse(operands[1], &to, err);
	if (r == 0)
		r = context_open_net(ctx, &net, err);
	if (r == 0)
		r = store_tag_remote(net, &from, &to, &same, &digest, err);
	if (r < 0)
		return r;
	return result_show_image(ctx,
		&(struct result_image){.name = to.name,
			.digest = digest,
			.before = same,
			.key = "there",
			.was = "was there already"},
		err);
}

const struct command command_pkg_remote_tag = {
	.name = "pkg remote-tag",
	.summary = "Give an image in a registry a second tag",
	.operands = "IMAGE IMAGE",
	.operands_min = 2,
	.operands_max = 2,
	.text = "The second IMAGE becomes the first one, all its platforms, without anything "
		"being pulled. Both are in the same repository.",
	.options =
		(const struct option_group[]){
			{component_tag_options, offsetof(struct options, component), true},
			{component_step_options, offsetof(struct options, component), true},
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
