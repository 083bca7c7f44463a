/* SPDX-License-Identifier: Apache-2.0 */
/* check: the mistakes in YAML files. */
#include "cli/cli.h"
#include "cli/input.h"

struct options {
	struct input_options input;
	bool each;
};

static const struct option options[] = {
	{.name = "each",
		.kind = OPTION_FLAG,
		.help = "Check each FILE by itself instead of merging them",
		.offset = offsetof(struct options, each)},
	{.name = "strict",
		.kind = OPTION_FLAG,
		.help = "Treat warnings as mistakes",
		.offset = offsetof(struct options, input.strict)},
	{0},
};

static int check(const struct context *ctx, const struct options *o, const char *const *files,
	struct werr **err)
{
	CLEANUP(config) struct config *config = NULL;

	return input_load(ctx, &o->input, files, &config, err);
}

/* A mistake in one file does not keep the others from being checked. */
static int check_each(const struct context *ctx, const struct options *o, const char *const *files,
	struct werr **err)
{
	int result = 0;

	for (; *files; files++) {
		struct werr *why = NULL;
		int r = check(ctx, o, (const char *const[]){*files, NULL}, &why);

		werr_collect(err, &result, r, why);
	}
	return result;
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;

	return (o->each ? check_each : check)(ctx, o, operands, err);
}

const struct command command_check = {
	.name = "check",
	.summary = "Find the mistakes in YAML files",
	.operands = "FILE...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.text = "Several FILEs are merged in order, as build does it; \"-\" is stdin. Nothing is "
		"fetched and nothing is written: all mistakes of all files are reported, each "
		"with its line and column, and what is allowed but unsafe or without effect as a "
		"warning. Silence means that all is well.\n"
		"\n"
		"    wherry check --strict examples/nginx.yml",
	.options =
		(const struct option_group[]){
			{input_options, offsetof(struct options, input)},
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
