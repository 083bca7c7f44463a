/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"
#include "cli/output.h"
#include "data/json.h"
#include "store/store.h"

struct options {
	const char *name;
};

static const struct option options[] = {
	{.name = "name",
		.kind = OPTION_TEXT,
		.value = "IMAGE",
		.help = "What to call an image that comes without a name",
		.offset = offsetof(struct options, name)},
	{0},
};

static void add_name(struct buf *out, const char *name, bool json)
{
	if (json) {
		struct json_writer w = JSON_WRITER_SHOWN(out);

		json_open_object(&w);
		json_key_string(&w, "name", name);
		json_close_object(&w);
	} else {
		buf_puts(out, name);
	}
	buf_putc(out, '\n');
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(buf) struct buf out = BUF_INIT(4 << 20);
	const char *name;
	int r = context_open_store(ctx, &store, err);

	for (; r == 0 && *operands; operands++)
		r = store_import(store, *operands, o->name, ctx->progress, &names, err);
	if (r < 0)
		return r;
	STRV_FOREACH (name, &names)
		add_name(&out, name, ctx->global.json);
	return output_result(&out, err);
}

const struct command command_cache_import = {
	.name = "cache import",
	.summary = "Put images into the cache from files",
	.operands = "PATH...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.text = "PATH is an OCI image layout (a folder or a tar), or a tar that `docker save` or "
		"`podman save` wrote; \"-\" reads a tar from stdin. Shows the names of the images "
		"that came in.\n"
		"\n"
		"    skopeo copy docker://redis oci:redis:docker.io/library/redis:latest\n"
		"    wherry cache import redis",
	.options = options,
	.size = sizeof(struct options),
	.run = run,
};
