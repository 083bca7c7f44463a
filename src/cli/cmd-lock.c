/* SPDX-License-Identifier: Apache-2.0 */
/* lock: which images the names of YAML files stand for now. */
#include "base/log.h"
#include "base/mem.h"
#include "resolve/resolve.h"
#include "cli/cli.h"
#include "cli/component-make.h"
#include "cli/input.h"
#include "cli/input-lock.h"
#include "cli/print.h"
#include "cli/replaced.h"
#include "data/json.h"
#include "net/net.h"

struct options {
	struct input_options input;
	struct component_make_options make;
	bool offline, update;
};

static const struct option options[] = {
	{.name = "offline",
		.kind = OPTION_FLAG,
		.help = "Fetch nothing: names stand for what the cache has under them",
		.offset = offsetof(struct options, offline)},
	{.name = "update",
		.kind = OPTION_FLAG,
		.help = "Start over, with what all names stand for now",
		.offset = offsetof(struct options, update)},
	{0},
};

static int show(const struct lockfile *l, const struct config *config,
	const struct global_options *g, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(LOCKFILE_SIZE_MAX);

	if (g->json)
		replaced_add_lines(config, &out);
	for (size_t i = 0; i < l->n; i++) {
		const struct locked_image *image = &l->images[i];

		if (g->json) {
			struct json_writer w = JSON_WRITER_SHOWN(&out);

			json_open_object(&w);
			json_key_string(&w, "name", image->name);
			json_key_string(&w, "digest", image->digest.text);
			json_close_object(&w);
			buf_putc(&out, '\n');
		} else {
			buf_printf(&out, "%s %s\n", image->name, image->digest.text);
		}
	}
	log_info("%s has %zu image%s", l->path, l->n, l->n == 1 ? "" : "s");
	return print_result(&out, err);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(config) struct config *config = NULL;
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(lockfile) struct lockfile *before = NULL;
	CLEANUP(lockfile) struct lockfile *now = NULL;
	CLEANUP(free) char *path = NULL;
	CLEANUP(net) struct net *net = NULL;
	struct resolve_options images = {.pull = o->update, .progress = ctx->progress};
	int r = input_lock_path(operands, &path, err);

	if (r == 0)
		r = input_platform(&o->input, &images.platform, err);
	if (r == 0)
		r = input_load(ctx, &o->input, operands, &config, err);
	if (r == 0 && !o->update)
		r = input_lock_read(operands, &before, err);
	if (r == 0)
		r = context_open_store(ctx, &store, err);
	if (r == 0 && !o->offline)
		r = context_open_net(ctx, &net, err);
	if (r < 0)
		return r;
	images.store = store;
	images.net = net;
	images.lock = before;
	r = component_make_missing(ctx, &o->input, &o->make, config, &images, err);
	if (r == 0)
		r = resolve_lock(config, &images, path, &now, err);
	if (r == 0)
		r = lockfile_write(now, err);
	return r < 0 ? r : show(now, config, &ctx->global, err);
}

const struct command command_lock = {
	.name = "lock",
	.summary = "Record which images a YAML file's names stand for now",
	.operands = "FILE...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.text = "Writes FILE.lock (of the last FILE) with the digest of each image and of its "
		"manifest for each platform. `wherry build` uses it if it exists: the same "
		"images, whatever their names come to mean. Existing entries stay as they are, "
		"and new names are added. Shows what is locked.\n"
		"\n"
		"    wherry lock os.yml\n"
		"    git add os.yml.lock",
	.options =
		(const struct option_group[]){
			{input_options, offsetof(struct options, input)},
			{component_path_options, offsetof(struct options, input.packages)},
			{component_make_options, offsetof(struct options, make)},
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
