/* SPDX-License-Identifier: Apache-2.0 */
/* cache import: images, from files. */
#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/result.h"
#include "oci/reference.h"
#include "store/store.h"

struct options {
	const char *name;
};

static const struct option options[] = {
	{.name = "name",
		.kind = OPTION_TEXT,
		.value = "IMAGE",
		.help = "Name for the image, instead of its own; with several, for those that "
			"have only a tag",
		.offset = offsetof(struct options, name)},
	{0},
};

static int show(const struct context *ctx, struct store *store, const char *name, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	struct result_image image;
	int r = reference_parse(name, &ref, err);

	if (r == 0)
		r = result_look_up(store, &ref, &image, err);
	return r < 0 ? r : result_show_image(ctx, &image, err);
}

static int check(const struct options *o, const char *const *operands, struct werr **err)
{
	CLEANUP(reference) struct reference r = {0};

	if (!o->name)
		return 0;
	if (operands[1]) {
		werr_set(err, WERR_USAGE, "--name is for one PATH, but there are several");
		werr_hint(err, "import them one by one");
		return werr_code(WERR_USAGE);
	}
	return reference_parse(o->name, &r, err);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(strv) struct strv names = {0};
	const char *name;
	int r = check(o, operands, err);

	if (r == 0)
		r = context_open_store(ctx, &store, err);
	for (; r == 0 && *operands; operands++)
		r = store_import(store, *operands, o->name, ctx->progress, &names, err);
	STRV_FOREACH (name, &names)
		r = r < 0 ? r : show(ctx, store, name, err);
	return r;
}

const struct command command_cache_import = {
	.name = "cache import",
	.summary = "Import images into the cache from files",
	.operands = "PATH...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.text = "PATH is an OCI image layout (a directory or a tar), or a tar that `docker save` "
		"or `podman save` wrote; \"-\" reads a tar from stdin. Shows the name, digest and "
		"size of each image that was imported.\n"
		"\n"
		"    skopeo copy docker://redis oci:redis:docker.io/library/redis:latest\n"
		"    wherry cache import redis",
	.options = (const struct option_group[]){{.options = options}, {0}},
	.size = sizeof(struct options),
	.run = run,
};
