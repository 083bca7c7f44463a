/* SPDX-License-Identifier: Apache-2.0 */
/* Component images, to their registries. */
#include "base/mem.h"
#include "base/str.h"
#include "cli/component.h"
#include "cli/image-choice.h"
#include "cli/result.h"
#include "net/net.h"
#include "pkg/package.h"
#include "store/registry.h"

struct pushing {
	struct context *ctx;
	struct store *store;
	struct net *net;
	const struct component_options *options;
};

/* TAG-ARCH alone, for one platform. */
static int push_platform(struct pushing *p, const struct reference *ref, const char *remote,
	const struct platform *platform, struct werr **err)
{
	CLEANUP(free) char *name = str_printf("%s-%s", remote, platform->arch);
	const struct push_options push = {.remote_name = name,
		.platform = platform,
		.override = p->options->override,
		.progress = p->ctx->progress};

	return result_push(p->ctx, p->store, p->net, ref, &push, err);
}

static int push_platforms(
	struct pushing *p, const struct reference *ref, const char *remote, struct werr **err)
{
	const struct strv *platforms = &p->options->platforms;
	struct platform platform;
	const char *text;
	int r = 0;

	platform_host(&platform);
	if (!platforms->n)
		return push_platform(p, ref, remote, &platform, err);
	STRV_FOREACH (text, platforms) {
		if (r == 0)
			r = choice_parse_platform(text, &platform, err);
		if (r == 0)
			r = push_platform(p, ref, remote, &platform, err);
	}
	return r;
}

/* remote: the name there. LinuxKit's `pkg manifest` makes its index of the images TAG-ARCH. */
static int push_as(
	struct pushing *p, const struct reference *ref, const char *remote, struct werr **err)
{
	const struct push_options push = {.remote_name = remote,
		.override = p->options->override,
		.merge = true,
		.arch_tags = p->ctx->as_linuxkit,
		.progress = p->ctx->progress};

	if (!p->options->manifest)
		return push_platforms(p, ref, remote, err);
	return result_push(p->ctx, p->store, p->net, ref, &push, err);
}

int component_release(
	const struct reference *ref, const char *release, char **ret, struct werr **err)
{
	if (ref->tag && strstr(ref->tag, "-dirty")) {
		werr_set(err, WERR_INVALID, "%s has changes that are not committed", ref->name);
		werr_hint(err, "commit them before you give it the tag %s", release);
		return werr_code(WERR_INVALID);
	}
	*ret = str_printf("%s/%s:%s", ref->registry, ref->repository, release);
	return 0;
}

static int find_name(struct pushing *p, const char *operand, char **ret, struct werr **err)
{
	const struct component_options *o = p->options;
	const struct pkg_options package = component_pkg_options(p->ctx, o);
	CLEANUP(free) char *dir = NULL;
	int r;

	if (!o->nobuild)
		return component_build(p->ctx, p->store, operand, o, ret, err);
	r = component_path_find(&o->packages, operand, &dir, err);
	return r < 0 ? r : pkg_tag(dir, &package, ret, err);
}

static int push_one(struct pushing *p, const char *operand, struct werr **err)
{
	const struct component_options *o = p->options;
	CLEANUP(reference) struct reference ref = {0};
	CLEANUP(free) char *name = NULL, *release = NULL;
	int r = find_name(p, operand, &name, err);

	if (r < 0 || !name)
		return r;
	r = reference_parse(name, &ref, err);
	if (r == 0 && o->release)
		r = component_release(&ref, o->release, &release, err);
	if (r == 0)
		r = push_as(p, &ref, ref.name, err);
	return r < 0 || !release ? r : push_as(p, &ref, release, err);
}

int component_push(struct context *ctx, const struct component_options *o, const char *const *dirs,
	struct werr **err)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(net) struct net *net = NULL;
	struct pushing p = {.ctx = ctx, .options = o};
	int r = component_check(o, err);

	if (r == 0)
		r = context_open_store(ctx, &store, err);
	if (r == 0)
		r = context_open_net(ctx, &net, err);
	p.store = store;
	p.net = net;
	for (; r == 0 && *dirs; dirs++)
		r = push_one(&p, *dirs, err);
	return r;
}
