/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/component.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "cli/image-choice.h"
#include "cli/print.h"
#include "cli/result.h"
#include "data/json.h"
#include "net/engine-api.h"
#include "net/net.h"
#include "store/registry.h"

enum { RESULT_MAX = 4 << 20 };

/* ---- options ---- */

static int exclusive(const char *a, const char *b, struct werr **err)
{
	return werr_set(err, WERR_USAGE, "--%s and --%s are mutually exclusive", a, b);
}

int component_check(const struct component_options *o, struct werr **err)
{
	const struct {
		bool a, b;
		const char *a_name, *b_name;
	} pairs[] = {
		{o->network, o->nonetwork, "network", "nonetwork"},
		{o->disable_cache, o->enable_cache, "disable-cache", "enable-cache"},
		{o->nobuild, o->force, "nobuild", "force"},
		{o->pull, o->force, "pull", "force"},
		{o->platforms.n > 0, o->skip_platforms.n > 0, "platforms", "skip-platforms"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (pairs[i].a && pairs[i].b)
			return exclusive(pairs[i].a_name, pairs[i].b_name, err);
	return 0;
}

static const char *for_dockerfile(const struct component_options *o)
{
	if (o->dockerfile)
		return "--dockerfile";
	if (o->build_arg_files.n)
		return "--build-arg-file";
	return o->ssh.n ? "--ssh" : NULL;
}

/* No SBOM is made of a package, so to ask for none is fine. */
static const char *unheeded(const struct component_options *o)
{
	return o->sbom_scanner && !str_eq(o->sbom_scanner, "false") ? "--sbom-scanner" : NULL;
}

struct pkg_options component_pkg_options(
	const struct context *ctx, const struct component_options *o)
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
		.tops = component_path_tops(),
		.default_org = ctx->as_linuxkit ? "linuxkit" : NULL,
		.linuxkit_dirty = ctx->as_linuxkit,
		.network = o->network     ? PKG_NETWORK_ON
			   : o->nonetwork ? PKG_NETWORK_OFF
					  : PKG_NETWORK_AS_SAID,
		.no_kept_step = o->disable_cache,
		.for_dockerfile = for_dockerfile(o),
		.unheeded = unheeded(o),
		.builder = o->builder,
		.dockerfile = o->dockerfile,
		.arg_files = &o->build_arg_files,
		.ssh = &o->ssh,
		.fetch_again = o->ignore_cached,
	};
}

/* What the environment says of the option of this name, or NULL. */
static const char *environment_of(const struct option *list, const char *name)
{
	const char *value = NULL;

	for (; list->name; list++)
		for (size_t i = 0; !value && i < ARRAY_SIZE(list->environment); i++)
			if (str_eq(list->name, name) && list->environment[i])
				value = getenv(list->environment[i]);
	return value && *value ? value : NULL;
}

struct pkg_options component_default_options(const struct context *ctx)
{
	static const struct component_options none = {0};
	struct pkg_options o = component_pkg_options(ctx, &none);

	/* LinuxKit does not ask its environment here. */
	if (!ctx->as_linuxkit)
		o.org = environment_of(component_tag_options, "org");
	o.builder = environment_of(component_build_options, "builder");
	return o;
}

/* ---- building ---- */

/* top: what the name stands for, for all platforms; this is what can be pinned. */
static void add_result_json(struct buf *out, const struct pkg_result *r, const struct digest *top)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "name", r->name);
	json_key_string(&w, "digest", top->text);
	json_key_string(&w, "manifest", r->digest.text);
	json_key_u64(&w, "size", r->size);
	json_key_bool(&w, "cached", r->was_cached);
	if (r->was_fetched)
		json_key_bool(&w, "pulled", true);
	json_key_strings(&w, "packages", &r->packages);
	json_close_object(&w);
	buf_putc(out, '\n');
}

static void add_result_text(struct buf *out, const struct pkg_result *r, const struct digest *top)
{
	char size[16];

	buf_printf(out, "%s %s %s%s\n", r->name, top->text, str_size(size, r->size),
		r->was_cached    ? " (was in the cache)"
		: r->was_fetched ? " (pulled)"
				 : "");
}

static int build_one(struct context *ctx, struct store *store, const char *dir,
	const struct pkg_options *o, char **name, struct werr **err)
{
	CLEANUP(pkg_result) struct pkg_result result = {0};
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	CLEANUP(reference) struct reference ref = {0};
	struct result_image image;
	int r = pkg_build(store, dir, o, ctx->progress, &result, err);

	if (r == 0)
		r = reference_parse(result.name, &ref, err);
	if (r == 0)
		r = result_look_up(store, &ref, &image, err);
	if (r < 0)
		return r;
	str_replace(name, result.name);
	if (ctx->global.json)
		add_result_json(&out, &result, &image.digest);
	else if (!ctx->global.quiet)
		add_result_text(&out, &result, &image.digest);
	return print_result(&out, err);
}

bool component_is_unpublished(const struct reference *ref)
{
	return str_after(ref->name, "docker.io/wherry/");
}

/*
 * As LinuxKit, ask the registry before a build: of an image that Docker would have to build, if the
 * program has its name, and otherwise with --pull. What a Dockerfile names is always asked for.
 * Nobody has published what has our own default organisation.
 */
void component_fetch(const struct reference *ref, const struct platform *platform,
	enum pkg_fetch what, void *ctx, struct werr **why)
{
	const struct component_fetching *f = ctx;
	const struct pull_options options = {.platform = platform, .progress = f->ctx->progress};
	CLEANUP(net) struct net *net = NULL;
	CLEANUP(werr) struct werr *ended = NULL;

	if (f->offline || (what == PKG_FETCH_RESULT && !f->wanted) || component_is_unpublished(ref))
		return;
	if (context_open_net(f->ctx, &net, why) == 0)
		store_pull(f->store, net, ref, 1, &options, why, &ended);
	if (ended)
		werr_pass(why, STEAL(ended));
}

static bool is_skipped(const struct component_options *o, const struct pkg_options *p)
{
	struct platform wanted, skipped;
	const char *text;

	platform_host(&wanted);
	if (p->arch && platform_parse(p->arch, &wanted, NULL) < 0)
		return false;
	STRV_FOREACH (text, &o->skip_platforms)
		if (platform_parse(text, &skipped, NULL) == 0 && platform_is(&wanted, &skipped))
			return true;
	return false;
}

static int check_platforms(const struct strv *list, struct werr **err)
{
	struct platform platform;
	const char *text;
	int r = 0;

	STRV_FOREACH (text, list)
		r = r < 0 ? r : choice_parse_platform(text, &platform, err);
	return r;
}

/* --docker: the engine has its own storage, and one platform of an image. */
static int give_to_engine(struct context *ctx, struct store *store, const char *name,
	const struct platform *platform, struct werr **err)
{
	const struct pull_options options = {.platform = platform, .progress = ctx->progress};
	CLEANUP(reference) struct reference ref = {0};
	CLEANUP(net) struct net *net = NULL;
	CLEANUP(free) char *socket = NULL;
	int r = engine_find(&socket, err);

	if (r == 0)
		r = context_open_net(ctx, &net, err);
	if (r == 0)
		r = reference_parse(name, &ref, err);
	return r < 0 ? r : store_export_engine(store, net, socket, &ref, &options, err);
}

static int build_platform(struct context *ctx, struct store *store, const char *dir,
	const struct component_options *o, const struct pkg_options *options,
	const struct platform *platform, char **name, struct werr **err)
{
	int r = build_one(ctx, store, dir, options, name, err);

	return r < 0 || !o->docker ? r : give_to_engine(ctx, store, *name, platform, err);
}

int component_build(struct context *ctx, struct store *store, const char *operand,
	const struct component_options *o, char **name, struct werr **err)
{
	struct pkg_options options = component_pkg_options(ctx, o);
	struct component_fetching fetching = {ctx, store, o->pull || ctx->as_linuxkit, false};
	CLEANUP(free) char *dir = NULL;
	struct platform platform;
	const char *text;
	int r = check_platforms(&o->skip_platforms, err);

	if (r == 0)
		r = component_path_find(&o->packages, operand, &dir, err);
	options.fetch = component_fetch;
	options.ctx = &fetching;
	if (r == 0 && is_skipped(o, &options)) {
		log_info("%s: nothing to build for the platforms that are not skipped", dir);
		return 0;
	}
	platform_host(&platform);
	if (r == 0 && !o->platforms.n)
		return build_platform(ctx, store, dir, o, &options, &platform, name, err);
	STRV_FOREACH (text, &o->platforms) {
		r = choice_parse_platform(text, &platform, err);
		options.arch = platform.arch;
		if (r == 0)
			r = build_platform(ctx, store, dir, o, &options, &platform, name, err);
		if (r < 0)
			return r;
	}
	return r;
}
