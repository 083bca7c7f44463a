/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/component.h"

#include "base/mem.h"
#include "cli/image-choice.h"
#include "cli/print.h"
#include "data/json.h"

enum { RESULT_MAX = 4 << 20 };

const struct option component_tag_options[] = {
	{.name = "build-yml",
		.kind = OPTION_TEXT,
		.value = "NAME",
		.help = "Name of the description in the directory; by default build.yml",
		.offset = offsetof(struct component_options, build_yml)},
	{.name = "dev",
		.kind = OPTION_FLAG,
		.help = "For experiments: your user name as the organisation, dev as the hash",
		.offset = offsetof(struct component_options, dev)},
	{.name = "force-dirty",
		.kind = OPTION_FLAG,
		.help = "Treat the directory as changed, even if it is not",
		.offset = offsetof(struct component_options, force_dirty)},
	{.name = "hash",
		.kind = OPTION_TEXT,
		.value = "HASH",
		.help = "The hash for the tag, instead of git's",
		.offset = offsetof(struct component_options, hash)},
	{.name = "hash-commit",
		.kind = OPTION_TEXT,
		.value = "COMMIT",
		.help = "Take the hash from this commit; by default HEAD",
		.offset = offsetof(struct component_options, hash_commit)},
	{.name = "hash-path",
		.kind = OPTION_TEXT,
		.value = "DIR",
		.help = "Take the hash of this directory instead",
		.offset = offsetof(struct component_options, hash_path)},
	{.name = "org",
		.kind = OPTION_TEXT,
		.value = "NAME",
		.help = "The organisation, instead of the description's",
		.offset = offsetof(struct component_options, org)},
	{.name = "tag",
		.kind = OPTION_TEXT,
		.value = "TEMPLATE",
		.help = "The tag, instead of the description's; {{.Hash}} stands for the hash",
		.offset = offsetof(struct component_options, tag)},
	{0},
};

const struct option component_build_options[] = {
	{.name = "force",
		.kind = OPTION_FLAG,
		.help = "Build also what is already in the cache",
		.offset = offsetof(struct component_options, force)},
	{.name = "platforms",
		.kind = OPTION_LIST,
		.value = "PLATFORM",
		.help = "Platform to build for, such as linux/arm64; by default this machine's",
		.offset = offsetof(struct component_options, platforms)},
	{.name = "arch",
		.kind = OPTION_LIST,
		.value = "ARCH",
		.help = "The same, by the architecture alone",
		.offset = offsetof(struct component_options, platforms)},
	{.name = "builders", .kind = OPTION_ABSENT},
	{.name = "disable-cache", .kind = OPTION_ABSENT},
	{.name = "docker", .kind = OPTION_ABSENT},
	{.name = "network", .kind = OPTION_ABSENT},
	{.name = "nonetwork", .kind = OPTION_ABSENT},
	{.name = "pull", .kind = OPTION_ABSENT},
	{0},
};

struct pkg_options component_pkg_options(const struct component_options *o)
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
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	int r = pkg_build(store, dir, o, ctx->progress, &result, err);

	if (r < 0)
		return r;
	str_replace(name, result.name);
	if (ctx->global.json)
		add_result_json(&out, &result);
	else if (!ctx->global.quiet)
		add_result_text(&out, &result);
	return print_result(&out, err);
}

int component_build(struct context *ctx, struct store *store, const char *operand,
	const struct component_options *o, char **name, struct werr **err)
{
	struct pkg_options options = component_pkg_options(o);
	CLEANUP(free) char *dir = NULL;
	const char *text;
	int found = component_path_find(&o->packages, operand, &dir, err);

	if (found < 0)
		return found;
	if (!o->platforms.n)
		return build_one(ctx, store, dir, &options, name, err);
	STRV_FOREACH (text, &o->platforms) {
		struct platform platform;
		int r = choice_parse_platform(text, &platform, err);

		options.arch = platform.arch;
		if (r == 0)
			r = build_one(ctx, store, dir, &options, name, err);
		if (r < 0)
			return r;
	}
	return 0;
}
