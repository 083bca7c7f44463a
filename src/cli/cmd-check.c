/* SPDX-License-Identifier: Apache-2.0 */
/* check: the mistakes in YAML files. */
#include <unistd.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/print.h"
#include "cli/replaced.h"
#include "data/json.h"

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

/* What was found in all files together. */
struct findings {
	size_t mistakes, warnings;
	struct buf *replaced; /* lines of JSON */
};

/* In a pipe silence means that all is well. */
static bool is_shown(const struct context *ctx)
{
	return !ctx->global.json && !ctx->global.quiet && isatty(STDOUT_FILENO);
}

static void report_replaced(
	const struct context *ctx, const struct config *config, struct findings *found)
{
	if (ctx->global.json)
		replaced_add_lines(config, found->replaced);
	else if (is_shown(ctx))
		replaced_log(config);
}

static int check(const struct context *ctx, const struct options *o, const char *const *files,
	struct findings *found, struct werr **err)
{
	CLEANUP(config) struct config *config = NULL;
	CLEANUP(werr) struct werr *why = NULL;
	struct input_options input = o->input;
	size_t warnings = 0;
	int r;

	input.look_for_sources = input.look_into_images = true;
	r = input_check(ctx, &input, files, &config, &warnings, &why);
	found->warnings += warnings;
	if (r == 0)
		report_replaced(ctx, config, found);
	for (const struct werr *e = why; e; e = e->next)
		found->mistakes++;
	werr_append(err, STEAL(why));
	return r;
}

/* A mistake in one file does not keep the others from being checked. */
static int check_each(const struct context *ctx, const struct options *o, const char *const *files,
	struct findings *found, struct werr **err)
{
	int result = 0;

	for (; *files; files++) {
		int r = check(ctx, o, (const char *const[]){*files, NULL}, found, err);

		result = result ? result : r;
	}
	return result;
}

static void add_result_json(struct buf *out, const char *const *files, const struct findings *f)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key(&w, "checked");
	json_open_array(&w);
	for (; *files; files++)
		json_string(&w, *files);
	json_close_array(&w);
	json_key_u64(&w, "mistakes", f->mistakes);
	json_key_u64(&w, "warnings", f->warnings);
	json_close_object(&w);
	buf_putc(out, '\n');
}

/* Of files without mistakes: those of a file are counted where they are shown. */
static void add_result(struct buf *out, const char *const *files, const struct findings *f)
{
	size_t n = 0;

	while (files[n])
		n++;
	if (n > 1)
		buf_printf(out, "%zu files", n);
	else
		print_add_printable(out, files[0]);
	buf_puts(out, ": no mistakes");
	if (f->warnings)
		buf_printf(out, ", %zu warning%s", f->warnings, f->warnings == 1 ? "" : "s");
	buf_putc(out, '\n');
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(buf) struct buf out = BUF_INIT(4 << 20);
	CLEANUP(buf) struct buf replaced = BUF_INIT(4 << 20);
	struct findings found = {.replaced = &replaced};
	int r = (o->each ? check_each : check)(ctx, o, operands, &found, err);

	if (ctx->global.json) {
		buf_add(&out, replaced.data, replaced.len);
		add_result_json(&out, operands, &found);
	} else if (r == 0 && is_shown(ctx)) {
		add_result(&out, operands, &found);
	}
	if (r == 0)
		return print_result(&out, err);
	(void)print_result(&out, NULL);
	return r;
}

const struct command command_check = {
	.name = "check",
	.summary = "Find the mistakes in YAML files",
	.operands = "FILE...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.text = "Several FILEs are merged in order, as build does it; \"-\" is stdin. Nothing is "
		"fetched and no output is written: all mistakes of all files are reported, each "
		"with its line and column, and what is allowed but unsafe or without effect as a "
		"warning; images that are in the cache are looked into. In a pipe, silence "
		"means that all is well; a terminal shows a line.\n"
		"\n"
		"    wherry check --strict examples/nginx.yml",
	.options =
		(const struct option_group[]){
			{input_options, offsetof(struct options, input)},
			{component_path_options, offsetof(struct options, input.packages)},
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
