/* SPDX-License-Identifier: Apache-2.0 */
/* cache tag: another name for an image. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/result.h"
#include "store/store.h"

static int set_name(
	struct store *store, const char *source, const struct reference *name, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	struct descriptor top = {0};
	int r = reference_parse(source, &ref, err);

	if (r == 0)
		r = store_resolve(store, &ref, &top, err);
	if (r == 0)
		r = store_set_name(store, name->name, &top, err);
	descriptor_cleanup(&top);
	return r;
}

static int show(const struct context *ctx, struct store *store, const struct reference *name,
	struct werr **err)
{
	struct result_image image;
	int r = result_look_up(store, name, &image, err);

	return r < 0 ? r : result_show_image(ctx, &image, err);
}

static int run(struct context *ctx, ATTR_UNUSED const void *values, const char *const *operands,
	struct werr **err)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(reference) struct reference name = {0};
	int r = reference_parse(operands[1], &name, err);

	if (r == 0 && name.digest)
		r = werr_set(
			err, WERR_USAGE, "the new name '%s' must not have a digest", operands[1]);
	if (r == 0)
		r = context_open_store(ctx, &store, err);
	if (r == 0)
		r = set_name(store, operands[0], &name, err);
	return r < 0 ? r : show(ctx, store, &name, err);
}

const struct command command_cache_tag = {
	.name = "cache tag",
	.summary = "Give an image of the cache another name",
	.operands = "IMAGE NEW-NAME",
	.operands_min = 2,
	.operands_max = 2,
	.text = "The image keeps its own name. An image that has the new name loses it.\n"
		"\n"
		"    wherry cache tag localhost/hello:1 registry.example.com/me/hello:1",
	.run = run,
};
