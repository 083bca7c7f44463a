/* SPDX-License-Identifier: Apache-2.0 */
/* Component images: pkg build, pkg push, pkg show-tag. */
#include "base/mem.h"
#include "cli/commands.h"
#include "cli/image.h"
#include "cli/output.h"
#include "data/json.h"
#include "net/net.h"
#include "pkg/pkg.h"
#include "store/registry.h"

struct options {
	const char *build_yml, *org, *tag, *hash, *hash_commit, *hash_path;
	bool dev, force, force_dirty, canonical, override;
	struct strv platforms;
};

/* All these verbs have them; they settle the package's tag. */
static const struct option tag_options[] = {
	{.name = "build-yml",
		.kind = OPTION_TEXT,
		.value = "NAME",
		.help = "Name of the description in the folder; build.yml otherwise",
		.offset = offsetof(struct options, build_yml)},
	{.name = "dev",
		.kind = OPTION_FLAG,
		.help = "For trying out: your user name as the organisation, dev as the hash",
		.offset = offsetof(struct options, dev)},
	{.name = "force-dirty",
		.kind = OPTION_FLAG,
		.help = "Take the folder for changed, also when it isn't",
		.offset = offsetof(struct options, force_dirty)},
	{.name = "hash",
		.kind = OPTION_TEXT,
		.value = "HASH",
		.help = "The hash for the tag, instead of git's",
		.offset = offsetof(struct options, hash)},
	{.name = "hash-commit",
		.kind = OPTION_TEXT,
		.value = "COMMIT",
		.help = "Take the hash from this commit; HEAD otherwise",
		.offset = offsetof(struct options, hash_commit)},
	{.name = "hash-path",
		.kind = OPTION_TEXT,
		.value = "DIR",
		.help = "Take the hash of this folder instead",
		.offset = offsetof(struct options, hash_path)},
	{.name = "org",
		.kind = OPTION_TEXT,
		.value = "NAME",
		.help = "The organisation, instead of the description's",
		.offset = offsetof(struct options, org)},
	{.name = "tag",
		.kind = OPTION_TEXT,
		.value = "TEMPLATE",
		.help = "The tag, instead of the description's; {{.Hash}} stands for the hash",
		.offset = offsetof(struct options, tag)},
	{0},
};

/* Of pkg build, and of pkg push, which builds first. */
/* clang-format off */
#define BUILD_ROWS \
	{.name = "force", \
		.kind = OPTION_FLAG, \
		.help = "Build also what is in the cache already", \
		.offset = offsetof(struct options, force)}, \
	{.name = "platforms", \
		.kind = OPTION_LIST, \
		.value = "PLATFORM", \
		.help = "What to build for, such as linux/arm64; this machine otherwise", \
		.offset = offsetof(struct options, platforms)}, \
	{.name = "arch", \
		.kind = OPTION_LIST, \
		.value = "ARCH", \
		.help = "The same, only the architecture", \
		.offset = offsetof(struct options, platforms)}, \
	{.name = "builders", .kind = OPTION_ABSENT}, \
	{.name = "disable-cache", .kind = OPTION_ABSENT}, \
	{.name = "docker", .kind = OPTION_ABSENT}, \
	{.name = "network", .kind = OPTION_ABSENT}, \
	{.name = "nonetwork", .kind = OPTION_ABSENT}, \
	{.name = "pull", .kind = OPTION_ABSENT}
/* clang-format on */

static const struct option build_only[] = {
	BUILD_ROWS,
	{0},
};

static const struct option push_only[] = {
	BUILD_ROWS,
	{.name = "override",
		.kind = OPTION_FLAG,
		.help = "Replace another image that the registry has under this name",
		.offset = offsetof(struct options, override)},
	{.name = "manifest", .kind = OPTION_ABSENT},
	{.name = "nobuild", .kind = OPTION_ABSENT},
	{.name = "release", .kind = OPTION_ABSENT},
	{0},
};

static const struct option show_tag_only[] = {
	{.name = "canonical",
		.kind = OPTION_FLAG,
		.help = "With the registry in front",
		.offset = offsetof(struct options, canonical)},
	{0},
};

static struct pkg_options package_options(const struct options *o)
{
	return (struct pkg_options){
		.build_yml = o->build_yml,
		.org = o->org,
		.tag = o->tag,
		.hash = o->hash,
		.hash_commit = o->hash_commit,
		.hash_path = o->hash_path,
		.dev = o->dev,
		.force = o->force,
		.force_dirty = o->force_dirty,
	};
}

/* ---- pkg build ---- */

static void add_result_json(struct buf *out, const struct pkg_result *r)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "name", r->name);
	json_key_string(&w, "digest", r->digest.text);
	json_key_u64(&w, "size", r->size);
	json_key_bool(&w, "cached", r->was_cached);
	json_key_strings(&w, "packages", &r->packages);
	json_close_object(&w);
	buf_putc(out, '\n');
}

static void add_result_text(struct buf *out, const struct pkg_result *r)
{
	char size[16];

	buf_printf(out, "%s %s %s%s\n", r->name, r->digest.text, str_size(size, r->size),
		r->was_cached ? " (was in the cache)" : "");
}

static int build_one(struct context *ctx, struct store *store, const char *dir,
	const struct pkg_options *o, char **name, struct werr **err)
{
	CLEANUP(pkg_result) struct pkg_result result = {0};
	CLEANUP(buf) struct buf out = BUF_INIT(4 << 20);
	int r = pkg_build(store, dir, o, ctx->progress, &result, err);

	if (r < 0)
		return r;
	str_replace(name, result.name);
	if (ctx->global.json)
		add_result_json(&out, &result);
	else if (!ctx->global.quiet)
		add_result_text(&out, &result);
	return output_result(&out, err);
}

/* *name, which all platforms have, is NULL or freed before it is set. */
static int build_all_platforms(struct context *ctx, struct store *store, const char *dir,
	const struct options *o, char **name, struct werr **err)
{
	struct pkg_options options = package_options(o);
	const char *text;

	if (!o->platforms.n)
		return build_one(ctx, store, dir, &options, name, err);
	STRV_FOREACH (text, &o->platforms) {
		struct platform platform;
		int r = image_parse_platform(text, &platform, err);

		options.arch = platform.arch;
		if (r == 0)
			r = build_one(ctx, store, dir, &options, name, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int run_build(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(free) char *name = NULL;
	int r = context_open_store(ctx, &store, err);

	for (; r == 0 && *operands; operands++)
		r = build_all_platforms(ctx, store, *operands, values, &name, err);
	return r;
}

const struct command command_pkg_build = {
	.name = "pkg build",
	.summary = "Build component images into the cache",
	.operands = "DIR...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.text = "Each DIR has a build.yml that says what goes into the image. What is in the cache "
		"already under the same tag is not built again.",
	.options = tag_options,
	.more_options = build_only,
	.size = sizeof(struct options),
	.run = run_build,
};

/* ---- pkg push ---- */

static int push_one(struct context *ctx, struct store *store, struct net *net, const char *dir,
	const struct options *o, struct werr **err)
{
	const struct push_options push = {
		.override = o->override, .merge = true, .progress = ctx->progress};
	CLEANUP(free) char *name = NULL;
	int r = build_all_platforms(ctx, store, dir, o, &name, err);

	return r < 0 ? r : store_push(store, net, name, &push, err);
}

static int run_push(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(net) struct net *net = NULL;
	int r = context_open_store(ctx, &store, err);

	if (r == 0)
		r = context_open_net(ctx, &net, err);
	for (; r == 0 && *operands; operands++)
		r = push_one(ctx, store, net, *operands, values, err);
	return r;
}

const struct command command_pkg_push = {
	.name = "pkg push",
	.summary = "Build component images and send them to their registry",
	.operands = "DIR...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.text = "As `pkg build`, and then as `cache push`. All platforms that the cache has of an "
		"image go together, and what the registry has under the tag for other ones stays.",
	.options = tag_options,
	.more_options = push_only,
	.size = sizeof(struct options),
	.run = run_push,
};

/* ---- pkg show-tag ---- */

static int full_name(char **name, struct werr **err)
{
	CLEANUP(reference) struct reference reference = {0};
	int r = reference_parse(*name, &reference, err);

	if (r < 0)
		return r;
	free(*name);
	*name = reference_name(&reference);
	return 0;
}

static int run_show_tag(ATTR_UNUSED struct context *ctx, const void *values,
	const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	struct pkg_options options = package_options(o);
	CLEANUP(buf) struct buf out = BUF_INIT(4 << 20);

	for (; *operands; operands++) {
		CLEANUP(free) char *tag = NULL;
		int r = pkg_tag(*operands, &options, &tag, err);

		if (r == 0 && o->canonical)
			r = full_name(&tag, err);
		if (r < 0)
			return r;
		buf_printf(&out, "%s\n", tag);
	}
	return output_result(&out, err);
}

const struct command command_pkg_show_tag = {
	.name = "pkg show-tag",
	.summary = "Show the name and tag that a component image has",
	.operands = "DIR...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.options = tag_options,
	.more_options = show_tag_only,
	.size = sizeof(struct options),
	.run = run_show_tag,
};
