/* SPDX-License-Identifier: Apache-2.0 */
/* pkg build: component images, into the cache. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/component.h"
#include "store/store.h"

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(free) char *name = NULL;
	int r = context_open_store(ctx, &store, err);

	for (; r == 0 && *operands; operands++)
		r = component_build(ctx, store, *operands, values, &name, err);
	return r;
}

const struct command command_pkg_build = {
	.name = "pkg build",
	.summary = "Build component images into the cache",
	.operands = "DIR...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.text = "Each DIR has a build.yml that says what goes into the image. It may also be a "
		"name, as after @pkg: in a YAML file. An image that is in the cache under the "
		"same tag is not built again.",
	.options =
		(const struct option_group[]){
			{.options = component_tag_options},
			{.options = component_build_options},
			{component_path_options, offsetof(struct component_options, packages)},
			{0},
		},
	.size = sizeof(struct component_options),
	.run = run,
};
