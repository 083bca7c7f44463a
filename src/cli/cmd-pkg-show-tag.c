/* SPDX-License-Identifier: Apache-2.0 */
/* pkg show-tag: the name that a component image has. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/component.h"
#include "cli/print.h"
#include "data/json.h"
#include "oci/reference.h"
#include "pkg/package.h"

enum { RESULT_MAX = 4 << 20 };

struct options {
	struct component_options component;
	bool canonical;
};

static const struct option options[] = {
	{.name = "canonical",
		.kind = OPTION_FLAG,
		.help = "With the registry's name in front",
		.offset = offsetof(struct options, canonical)},
	{0},
};

static void add_json(struct buf *out, const char *operand, const char *tag)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "package", operand);
	json_key_string(&w, "name", tag);
	json_close_object(&w);
	buf_putc(out, '\n');
}

static int full_name(char **name, struct werr **err)
{
	CLEANUP(reference) struct reference reference = {0};
	int r = reference_parse(*name, &reference, err);

	if (r < 0)
		return r;
	free(*name);
	*name = STEAL(reference.name);
	return 0;
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	struct pkg_options package = component_pkg_options(ctx, &o->component);
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);

	for (; *operands; operands++) {
		CLEANUP(free) char *tag = NULL, *dir = NULL;
		int r = component_path_find(&o->component.packages, *operands, &dir, err);

		if (r == 0)
			r = pkg_tag(dir, &package, &tag, err);

		if (r == 0 && o->canonical)
			r = full_name(&tag, err);
		if (r < 0)
			return r;
		if (ctx->global.json)
			add_json(&out, *operands, tag);
		else
			buf_printf(&out, "%s\n", tag);
	}
	return print_result(&out, err);
}

const struct command command_pkg_show_tag = {
	.name = "pkg show-tag",
	.summary = "Show the name and tag of a component image",
	.operands = "DIR...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
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
