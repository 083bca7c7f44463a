/* SPDX-License-Identifier: Apache-2.0 */
/* pkg build: component images, into the cache. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/component.h"
#include "store/store.h"

struct options {
	struct component_options component;
	bool push;
};

static const struct option options[] = {
	{.name = "push",
		.kind = OPTION_FLAG,
		.help = "Push it then, as `pkg push` does, whose options it has as well",
		.offset = offsetof(struct options, push)},
	{0},
};

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(free) char *name = NULL;
	int r;

	if (o->push)
		return component_push(ctx, &o->component, operands, err);
	r = component_check(&o->component, err);
	if (r == 0)
		r = context_open_store(ctx, &store, err);
	for (; r == 0 && *operands; operands++)
		r = component_build(ctx, store, *operands, &o->component, &name, err);
	return r;
}

const struct command command_pkg_build = {
	.name = "pkg build",
	.summary = "Build component images into the cache",
	.operands = "DIR...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.text = "Each DIR has a build.yml that says what goes into the image, or a build.yml and a "
		"Dockerfile. It may also be a name, as after @pkg: in a YAML file. An image that "
		"is in the cache under the same tag is not built again.",
	.options =
		(const struct option_group[]){
			{component_tag_options, offsetof(struct options, component)},
			{component_path_options, offsetof(struct options, component.packages)},
			{component_build_options, offsetof(struct options, component)},
			{component_step_options, offsetof(struct options, component)},
			{component_push_options, offsetof(struct options, component), true},
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
