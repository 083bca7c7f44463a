/* SPDX-License-Identifier: Apache-2.0 */
/* pkg manifest: the index of a component's images TAG-ARCH, made in the registry. */
#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/component.h"
#include "cli/print.h"
#include "net/net.h"
#include "store/registry.h"

struct options {
	struct component_options component;
	const char *release;
};

static const struct option options[] = {
	{.name = "release",
		.kind = OPTION_TEXT,
		.value = "TAG",
		.help = "Make the index of the images with this tag as well",
		.offset = offsetof(struct options, release)},
	{0},
};

static int make_index(struct net *net, const char *name, struct werr **err)
{
	static const char *const archs[] = {
		"amd64", "arm64", "riscv64", "s390x", "ppc64le", "arm", "386", NULL};
	CLEANUP(reference) struct reference ref = {0};
	CLEANUP(strv) struct strv found = {0};
	CLEANUP(free) char *list = NULL;
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 16);
	int r = reference_parse(name, &ref, err);

	if (r == 0)
		r = store_index_remote(net, &ref, archs, &found, err);
	if (r < 0)
		return r;
	list = strv_join(&found, ", ");
	buf_printf(&out, "%s: %s\n", ref.name, list);
	return print_result(&out, err);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	const struct pkg_options package = component_pkg_options(ctx, &o->component);
	CLEANUP(net) struct net *net = NULL;
	CLEANUP(reference) struct reference ref = {0};
	CLEANUP(free) char *name = NULL, *release = NULL, *dir = NULL;
	int r = component_path_find(&o->component.packages, *operands, &dir, err);

	if (r == 0)
		r = pkg_tag(dir, &package, &name, err);
	if (r == 0)
		r = reference_parse(name, &ref, err);
	if (r == 0 && o->release)
		r = component_release(&ref, o->release, &release, err);
	if (r == 0)
		r = context_open_net(ctx, &net, err);
	if (r == 0)
		r = make_index(net, ref.name, err);
	return r < 0 || !release ? r : make_index(net, release, err);
}

const struct command command_pkg_manifest = {
	.name = "pkg manifest",
	.alias = "pkg index",
	.summary = "Make the index of a component's images in the registry",
	.operands = "DIR",
	.operands_min = 1,
	.operands_max = 1,
	.text = "The index names the images that the registry has under TAG-amd64, TAG-arm64 and "
		"so on, as `pkg push --manifest=false` and LinuxKit leave them. `pkg push` alone "
		"needs no such step.",
	.options =
		(const struct option_group[]){
			{component_tag_options, offsetof(struct options, component)},
			{component_path_options, offsetof(struct options, component.packages)},
			{component_step_options, offsetof(struct options, component), true},
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
