/* SPDX-License-Identifier: Apache-2.0 */
/* size: what weighs how much in an output, an image or what a YAML file would be built to. */
#include "base/atomic-file.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "cli/weights-show.h"

enum { RESULT_MAX = 256 << 20 };

struct options {
	struct subject_options subject;
	uint64_t depth, limit;
	const char *html;
};

static const struct option options[] = {
	{.name = "depth",
		.kind = OPTION_NUMBER,
		.value = "N",
		.help = "How deep directories are listed, counted from that of their component",
		.fallback = "3",
		.offset = offsetof(struct options, depth)},
	{.name = "html",
		.kind = OPTION_TEXT,
		.value = "FILE",
		.help = "Write a page with a treemap, for a browser",
		.offset = offsetof(struct options, html)},
	{.name = "limit",
		.kind = OPTION_NUMBER,
		.value = "N",
		.help = "How many of each are listed; 0: all",
		.fallback = "10",
		.offset = offsetof(struct options, limit)},
	{0},
};

static int write_page(const char *path, const struct weights_shown *s, struct werr **err)
{
	CLEANUP(buf) struct buf page = BUF_INIT(RESULT_MAX);

	weights_add_page(&page, s);
	if (buf_error(&page) < 0)
		return werr_set(err, WERR_LIMIT, "the page for %s is too large", s->what);
	return file_write_named(path, 0644, page.data, page.len, err);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(subject) struct subject s = {0};
	CLEANUP(weights) struct weights w = {0};
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	const struct weights_shown shown = {.weights = &w,
		.what = operands[0],
		.depth = o->depth < SIZE_MAX ? (size_t)o->depth : SIZE_MAX,
		.limit = o->limit && o->limit < SIZE_MAX ? (size_t)o->limit : SIZE_MAX};
	struct platform platform = {0};
	int r = input_platform(&o->subject.input, &platform, err);

	if (r == 0)
		r = subject_open(ctx, &o->subject, operands[0], &s, err);
	if (r == 0)
		r = weights_find(&s, operands[0], platform.arch, &w, err);
	if (r == 0 && o->html)
		r = write_page(o->html, &shown, err);
	if (r < 0)
		return r;
	(ctx->global.json ? weights_add_json : weights_add_text)(&out, &shown);
	return print_result(&out, err);
}

const struct command command_size = {
	.name = "size",
	.summary = "Show what weighs how much in an output, an image or a YAML file",
	.operands = "WHAT",
	.operands_min = 1,
	.operands_max = 1,
	.text = "WHAT is as for `wherry ls`. Shows components, packages of distributions, "
		"directories and files, the largest first: how large each is in the OS, and how "
		"large packed. What a piece of an earlier build has packed was measured; \"~\" is "
		"before shares of that, which are estimated in proportion to the size. Of a YAML "
		"file it shows also what has changed since the last build that had something "
		"else in it.\n"
		"\n"
		"    wherry size --html size.html os.yml",
	.options =
		(const struct option_group[]){
			SUBJECT_OPTIONS(struct options, subject),
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
