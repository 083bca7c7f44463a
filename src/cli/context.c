/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/context.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "net/net.h"
#include "store/store.h"

enum { TIMEOUT_MAX = 24 * 60 * 60 }; /* seconds */

static const struct option global_list[] = {
	{.name = "cache",
		.kind = OPTION_TEXT,
		.value = "DIR",
		.help = "Keep images in this directory instead of ~/.cache/wherry",
		.environment = {"WHERRY_CACHE", "LINUXKIT_CACHE"},
		.offset = offsetof(struct global_options, cache)},
	{.name = "cert-file",
		.kind = OPTION_REPEAT,
		.value = "FILE",
		.help = "Trust the certificates in this file, in addition to the system's",
		.environment = {"WHERRY_CERT_FILE"},
		.offset = offsetof(struct global_options, cert_files)},
	{.name = "insecure-registry",
		.kind = OPTION_LIST,
		.value = "HOST",
		.help = "Do not verify this host's certificate, and use plain HTTP if it has no "
			"TLS",
		.offset = offsetof(struct global_options, insecure)},
	{.name = "mirror",
		.kind = OPTION_LIST,
		.value = "MIRROR",
		.help = "Ask this mirror before the registry: URL for all registries, "
			"REGISTRY=URL for one",
		.environment = {"WHERRY_MIRROR", "LINUXKIT_MIRROR"},
		.offset = offsetof(struct global_options, mirrors)},
	{.name = "timeout",
		.kind = OPTION_NUMBER,
		.value = "SECONDS",
		.help = "How long a server may stay silent",
		.fallback = "30",
		.offset = offsetof(struct global_options, timeout)},
	{.name = "quiet",
		.letter = 'q',
		.kind = OPTION_FLAG,
		.help = "Print nothing but errors",
		.offset = offsetof(struct global_options, quiet)},
	{.name = "verbose",
		.letter = 'v',
		.kind = OPTION_LEVEL,
		.value = "N",
		.help = "How much to print: 0 warnings, 1 steps, 2 also programs that are run, 3 "
			"everything; 2 without a number",
		.fallback = "1",
		.offset = offsetof(struct global_options, verbose)},
	{.name = "json",
		.kind = OPTION_FLAG,
		.help = "For programs: results, progress and errors as JSON, one object per line",
		.offset = offsetof(struct global_options, json)},
	{.name = "version",
		.letter = 'V',
		.kind = OPTION_FLAG,
		.help = "Show the version, as the verb does",
		.offset = offsetof(struct global_options, version)},
	{.name = "help",
		.letter = 'h',
		.kind = OPTION_FLAG,
		.help = "Show help for the verb",
		.offset = offsetof(struct global_options, help)},
	{0},
};

const struct option_group global_options[] = {{.options = global_list}, {0}};

/* *ret is owned by the caller. */
static int cache_dir(const struct context *ctx, char **ret, struct werr **err)
{
	const char *home = getenv("HOME"), *xdg = getenv("XDG_CACHE_HOME");

	if (ctx->global.cache && *ctx->global.cache) {
		*ret = str_dup(ctx->global.cache);
		return 0;
	}
	/* The XDG specification requires that a relative path is ignored. */
	if (!ctx->as_linuxkit && xdg && *xdg == '/') {
		*ret = path_join(xdg, "wherry");
		return 0;
	}
	if (!home || !*home) {
		werr_set(err, WERR_INVALID, "no directory for the images: HOME is not set");
		werr_hint(err, "name one with --cache DIR");
		return werr_code(WERR_INVALID);
	}
	*ret = path_join(home, ctx->as_linuxkit ? ".linuxkit/cache" : ".cache/wherry");
	return 0;
}

bool context_has_store(const struct context *ctx)
{
	CLEANUP(free) char *dir = NULL;
	CLEANUP(free) char *index = NULL;

	if (cache_dir(ctx, &dir, NULL) < 0)
		return false;
	index = path_join(dir, "index.json");
	return file_exists(index);
}

int context_open_store(const struct context *ctx, struct store **ret, struct werr **err)
{
	CLEANUP(free) char *dir = NULL;
	int r = cache_dir(ctx, &dir, err);

	return r < 0 ? r : store_open(ret, dir, err);
}

int context_open_net(const struct context *ctx, struct net **ret, struct werr **err)
{
	const struct global_options *g = &ctx->global;
	const struct net_options wanted = {
		.cert_files = g->cert_files,
		.mirrors = g->mirrors,
		.insecure = g->insecure,
		.timeout_seconds = g->timeout < TIMEOUT_MAX ? (unsigned)g->timeout : TIMEOUT_MAX,
	};

	return net_open(ret, &wanted, err);
}
