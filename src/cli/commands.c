/* SPDX-License-Identifier: Apache-2.0 */
/* All verbs, and the options that all of them have. */
#include "cli/commands.h"

#include <stdlib.h>

#include "base/path.h"
#include "cli/lookup.h"

const struct command *const commands[] = {
	&command_build,
	&command_lock,
	&command_inspect,
	&command_ls,
	&command_cat,
	&command_check,
	&command_run_qemu,
	&command_cache_import,
	&command_cache_pull,
	&command_cache_push,
	&command_cache_export,
	&command_cache_ls,
	&command_cache_du,
	&command_cache_verify,
	&command_cache_gc,
	&command_cache_rm,
	&command_cache_clean,
	&command_login,
	&command_logout,
	&command_pkg_build,
	&command_pkg_push,
	&command_pkg_show_tag,
	&command_schema,
	&command_version,
	&command_help,
	&command_completion,
	&command_complete,
	NULL,
};

const char *const absent_verbs[] = {
	"metadata",
	"pkg builder",
	"pkg manifest",
	"pkg remote-tag",
	"push",
	"run aws",
	"run azure",
	"run gcp",
	"run hyperkit",
	"run hyperv",
	"run openstack",
	"run packet",
	"run scaleway",
	"run vbox",
	"run vcenter",
	"run virtualization",
	"run vmware",
	"serve",
	NULL,
};

const struct option global_option_list[] = {
	{.name = "cache",
		.kind = OPTION_TEXT,
		.value = "DIR",
		.help = "Keep images in this folder instead of ~/.cache/wherry",
		.environment = {"WHERRY_CACHE", "LINUXKIT_CACHE"},
		.offset = offsetof(struct global_options, cache)},
	{.name = "cert-file",
		.kind = OPTION_REPEAT,
		.value = "FILE",
		.help = "Trust the certificates in this file, beside the system's",
		.offset = offsetof(struct global_options, cert_files)},
	{.name = "insecure-registry",
		.kind = OPTION_LIST,
		.value = "HOST",
		.help = "Do not verify this host's certificate, and speak plain HTTP if it has no TLS",
		.offset = offsetof(struct global_options, insecure)},
	{.name = "mirror",
		.kind = OPTION_LIST,
		.value = "MIRROR",
		.help = "Ask there before the registry: URL for all registries, or REGISTRY=URL",
		.environment = {"WHERRY_MIRROR", "LINUXKIT_MIRROR"},
		.offset = offsetof(struct global_options, mirrors)},
	{.name = "timeout",
		.kind = OPTION_NUMBER,
		.value = "SECONDS",
		.help = "How long a server may be silent",
		.fallback = "30",
		.offset = offsetof(struct global_options, timeout)},
	{.name = "quiet",
		.letter = 'q',
		.kind = OPTION_FLAG,
		.help = "Say nothing but errors",
		.offset = offsetof(struct global_options, quiet)},
	{.name = "verbose",
		.letter = 'v',
		.kind = OPTION_LEVEL,
		.value = "N",
		.help = "How much to tell: 0 warnings, 1 steps, 2 also programs that are run, 3 "
			"everything; without a number 2",
		.fallback = "1",
		.offset = offsetof(struct global_options, verbose)},
	{.name = "json",
		.kind = OPTION_FLAG,
		.help = "For programs: results, progress and errors as JSON, one object a line",
		.offset = offsetof(struct global_options, json)},
	{.name = "help",
		.letter = 'h',
		.kind = OPTION_FLAG,
		.help = "Show help for the verb",
		.offset = offsetof(struct global_options, help)},
	{0},
};

int context_cache_dir(const struct context *ctx, char **ret, struct werr **err)
{
	const char *home = getenv("HOME"), *xdg = getenv("XDG_CACHE_HOME");

	if (ctx->global.cache && *ctx->global.cache) {
		*ret = str_dup(ctx->global.cache);
		return 0;
	}
	/* The XDG specification: a relative path is to be ignored. */
	if (!ctx->as_linuxkit && xdg && *xdg == '/') {
		*ret = path_join(xdg, "wherry");
		return 0;
	}
	if (!home || !*home) {
		werr_set(err, WERR_INVALID, "no folder for the images: HOME is not set");
		werr_hint(err, "name one with --cache DIR");
		return werr_code(WERR_INVALID);
	}
	*ret = path_join(home, ctx->as_linuxkit ? ".linuxkit/cache" : ".cache/wherry");
	return 0;
}
