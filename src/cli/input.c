/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "cli/called.h"
#include "cli/component.h"
#include "cli/image-choice.h"
#include "cli/input-doubts.h"
#include "cli/print.h"
#include "cli/replaced.h"
#include "data/terminal.h"
#include "yaml/yaml.h"
#include "net/net.h"
#include "oci/reference.h"
#include "pkg/package.h"
#include "pkg/pkg-find.h"

const struct option input_options[] = {
	{.name = "arch",
		.kind = OPTION_TEXT,
		.value = "ARCH",
		.help = "Target architecture, such as arm64; by default this machine's",
		.offset = offsetof(struct input_options, arch)},
	{.name = "compat",
		.kind = OPTION_FLAG,
		.help = "Do exactly what LinuxKit does: replace no variables, ignore the images' "
			"users, add no seccomp profile",
		.offset = offsetof(struct input_options, compat)},
	{.name = "components",
		.kind = OPTION_TEXT,
		.value = "WHOSE",
		.help = "With wherry, images linuxkit/NAME become our components, where there is "
			"one; by default as the files say, else none",
		.choices = config_components,
		.offset = offsetof(struct input_options, components)},
	{.name = "env-file",
		.kind = OPTION_REPEAT,
		.value = "FILE",
		.help = "Set the variables in FILE, one NAME=value per line",
		.offset = offsetof(struct input_options, env_files)},
	{.name = "set",
		.kind = OPTION_REPEAT,
		.value = "VARIABLE",
		.help = "Set a variable, NAME=value, whatever the files say",
		.offset = offsetof(struct input_options, set)},
	{0},
};

/* Of the callbacks. */
struct loading {
	const struct context *ctx;
	const struct input_options *options;
};

/* LinuxKit's have the registry in front. text: owned, or NULL. */
static char *full_name(const struct context *ctx, char *text)
{
	char *full = ctx->as_linuxkit && text ? reference_expand(text) : NULL;

	if (!full)
		return text;
	free(text);
	return full;
}

/* image: NULL, or its name. */
static bool is_unpublished(const char *image)
{
	CLEANUP(reference) struct reference ref = {0};

	return image && reference_parse(image, &ref, NULL) == 0 && component_is_unpublished(&ref);
}

/* A config_find_packages. */
static void find_packages(struct config_package *packages, size_t n, struct werr **errs, void *ctx)
{
	const struct loading *l = ctx;
	CLEANUP(strv) struct strv path = {0}, dirs = {0};
	CLEANUP(free) char **images = mem_new_array(char *, n);
	CLEANUP(free) struct werr **whys = mem_new_array(struct werr *, n);
	const struct pkg_options package = component_default_options(l->ctx);
	size_t found = 0;

	component_path_list(&l->options->packages, &path);
	for (size_t i = 0; i < n; i++)
		if (pkg_find(packages[i].base, packages[i].word, &path, &packages[i].dir,
			    &errs[i]) == 0)
			strv_add(&dirs, packages[i].dir);
	pkg_tags(&dirs, &package, images, whys);
	for (size_t i = 0; i < n; i++)
		if (packages[i].dir) {
			packages[i].image = full_name(l->ctx, images[found]);
			packages[i].unpublished =
				!l->ctx->as_linuxkit && is_unpublished(packages[i].image);
			errs[i] = whys[found++];
		}
}

/* As in LinuxKit, a YAML file may be a URL. */
static int fetch(const char *url, char **ret, size_t *ret_size, void *ctx, struct werr **err)
{
	const struct loading *l = ctx;
	CLEANUP(net) struct net *net = NULL;
	int r = context_open_net(l->ctx, &net, err);

	return r < 0 ? r : net_get_text(net, url, YAML_SIZE_MAX, ret, ret_size, err);
}

static size_t count(const struct werr *list)
{
	size_t n = 0;

	for (; list; list = list->next)
		n++;
	return n;
}

static void show_warnings(const struct context *ctx, struct werr *warnings)
{
	CLEANUP(buf) struct buf out = BUF_INIT(4 << 20);

	called_error(&ctx->called, warnings);
	if (ctx->global.json)
		print_warnings_json(&out, warnings);
	else
		print_warnings_text(&out, warnings, terminal_is_rich(STDERR_FILENO));
	(void)fd_write_all(STDERR_FILENO, buf_str(&out), out.len);
}

int input_warn(const struct context *ctx, const struct input_options *o, struct werr *warnings,
	struct werr **err)
{
	if (warnings && (!ctx->global.quiet || o->strict))
		show_warnings(ctx, warnings);
	if (!o->strict || !warnings)
		return 0;
	return werr_set(err, WERR_INVALID, "with --strict, warnings are mistakes");
}

int input_platform(const struct input_options *o, struct platform *ret, struct werr **err)
{
	if (o->arch)
		return choice_parse_platform(o->arch, ret, err);
	platform_host(ret);
	return 0;
}

bool input_is_compat(const struct context *ctx, const struct input_options *o)
{
	return o->compat || ctx->as_linuxkit;
}

int input_load(const struct context *ctx, const struct input_options *o, const char *const *files,
	struct config **ret, struct werr **err)
{
	size_t ignored;
	int r = input_check(ctx, o, files, ret, &ignored, err);

	if (r == 0)
		replaced_log(*ret);
	return r;
}

int input_check(const struct context *ctx, const struct input_options *o, const char *const *files,
	struct config **ret, size_t *ret_warnings, struct werr **err)
{
	CLEANUP(werr) struct werr *warnings = NULL;
	struct platform platform;
	struct loading loading = {ctx, o};
	struct config_options options = {.find_packages = find_packages,
		.fetch = fetch,
		.ctx = &loading,
		.warnings = &warnings,
		.platform = &platform,
		.components = o->components,
		.compat = input_is_compat(ctx, o),
		.look_for_sources = o->look_for_sources,
		.set = &o->set,
		.env_files = &o->env_files};
	size_t n = 0;
	int r = input_platform(o, &platform, err);

	*ret_warnings = 0;
	if (r < 0)
		return r;
	while (files[n])
		n++;
	r = config_load(files, n, &options, ret, err);
	*ret_warnings = count(warnings);
	if (r < 0) {
		(void)input_warn(ctx, o, warnings, NULL);
		return r;
	}
	if (o->look_into_images)
		input_doubts(ctx, o, files, *ret, &warnings);
	*ret_warnings = count(warnings);
	r = input_warn(ctx, o, warnings, err);
	if (r < 0)
		config_free(STEAL(*ret));
	return r;
}

int input_load_text(const struct context *ctx, const struct input_options *o,
	const struct config_text *text, struct config **ret, struct werr **err)
{
	struct loading loading = {ctx, o};
	const struct config_options options = {
		.find_packages = find_packages, .ctx = &loading, .compat = input_is_compat(ctx, o)};

	return config_load_texts(text, 1, &options, ret, err);
}
