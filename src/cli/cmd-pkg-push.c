/* SPDX-License-Identifier: Apache-2.0 */
/* pkg push: component images, built and sent to their registry. */
#include "cli/cli.h"
#include "cli/component.h"

static const struct option options[] = {
	{.name = "push", .kind = OPTION_FLAG, .help = "As `pkg build` has it", .hidden = true},
	{0},
};

struct options {
	bool push;
	struct component_options component;
};

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;

	return component_push(ctx, &o->component, operands, err);
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
			{component_path_options, offsetof(struct options, component.packages)},
			{component_build_options, offsetof(struct options, component)},
			{component_step_options, offsetof(struct options, component)},
			{component_push_options, offsetof(struct options, component)},
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
