/* SPDX-License-Identifier: Apache-2.0 */
/* serve: a directory over HTTP. */
#include "base/log.h"
#include "cli/cli.h"
#include "serve/serve.h"

struct options {
	const char *directory, *port;
};

static const struct option options[] = {
	{.name = "directory",
		.kind = OPTION_TEXT,
		.value = "DIR",
		.help = "The directory to serve",
		.fallback = ".",
		.offset = offsetof(struct options, directory)},
	{.name = "port",
		.kind = OPTION_TEXT,
		.value = "PORT",
		.help = "Where to listen: 8080 is on 127.0.0.1 only, :8080 on all addresses, "
			"ADDRESS:8080 on one; 0 is a free port; 8080 without this option",
		.offset = offsetof(struct options, port)},
	{0},
};

static void ready(const char *url, void *ctx)
{
	const struct options *o = ctx;

	log_info("serving %s at %s", o->directory, url);
}

static int run(struct context *ctx, const void *values, ATTR_UNUSED const char *const *operands,
	struct werr **err)
{
	struct options o = *(const struct options *)values;

	if (!o.port)
		o.port = ctx->as_linuxkit ? ":8080" : "8080";
	return serve_directory(&(struct serve_options){o.directory, o.port, ready, &o}, err);
}

const struct command command_serve = {
	.name = "serve",
	.summary = "Serve a directory over HTTP, for machines that boot from the network",
	.operands = "",
	.text = "Only GET and HEAD of files, without listings: nothing outside of the directory "
		"can be reached, not by links either. A machine of `wherry run` reaches it at "
		"http://10.0.2.2:8080/. Each request is shown. Ctrl-C ends it.",
	.options = (const struct option_group[]){{.options = options}, {0}},
	.size = sizeof(struct options),
	.run = run,
};
