/* SPDX-License-Identifier: Apache-2.0 */
/* pkg manifest: the index of a component's images TAG-ARCH, made in the registry. */
#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/component.h"
#include "cli/result.h"
#include "data/json.h"
#include "net/net.h"
#include "pkg/package.h"
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

static int show(const struct context *ctx, const char *name, const struct digest *digest,
	const struct strv *archs, struct werr **err)
{
	CLEANUP(buf) struct buf json = BUF_INIT(1 << 16);
	CLEANUP(free) char *list = strv_join(archs, ", ");
	CLEANUP(free) char *text = str_printf("%s %s %s", name, digest->text, list);
	struct json_writer w = JSON_WRITER_SHOWN(&json);

	json_open_object(&w);
	json_key_string(&w, "name", name);
	json_key_string(&w, "digest", digest->text);
	json_key_strings(&w, "architectures", archs);
	json_close_object(&w);
	return result_show(ctx, text, &json, err);
}

static int make_index(
	const struct context *ctx, struct net *net, const char *name, struct werr **err)
{
	static const char *const archs[] = {
		"amd64", "arm64", "riscv64", "s390x", "ppc64le", "arm", "386", NULL};
	CLEANUP(reference) struct reference ref = {0};
	CLEANUP(strv) struct strv found = {0};
	struct digest digest;
	int r = reference_parse(name, &ref, err);

	if (r == 0)
		r = store_index_remote(net, &ref, archs, &found, &digest, err);
	return r < 0 ? r : show(ctx, ref.name, &digest, &found, err);
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
		r = make_index(ctx, net, ref.name, err);
	return r < 0 || !release ? r : make_index(ctx, net, release, err);
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
