/* SPDX-License-Identifier: Apache-2.0 */
/* schema: for editors. */
#include "cli/cli.h"
#include "cli/print.h"
#include "config/schema-json.h"
#include "pkg/build-yml.h"
#include "probe/schema.h"

enum { SCHEMA_SIZE_MAX = 1 << 20, SCHEMA_INDENT = 2 };

struct options {
	bool build_yml, test;
};

static const struct option options[] = {
	{.name = "build-yml",
		.kind = OPTION_FLAG,
		.help = "That of the build.yml of component packages instead",
		.offset = offsetof(struct options, build_yml)},
	{.name = "test",
		.kind = OPTION_FLAG,
		.help = "That of the files of `wherry test` instead",
		.offset = offsetof(struct options, test)},
	{0},
};

static int run(ATTR_UNUSED struct context *ctx, const void *values,
	ATTR_UNUSED const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(buf) struct buf out = BUF_INIT(SCHEMA_SIZE_MAX);
	struct json_writer w = JSON_WRITER(&out, SCHEMA_INDENT);

	if (o->build_yml && o->test)
		return werr_set(err, WERR_USAGE, "--build-yml and --test are mutually exclusive");
	if (o->build_yml)
		pkg_yml_schema(&w);
	else
		schema_write_json(&w, o->test ? &probe_schema : &schema_file, "Wherry",
			o->test ? "Tests of an OS" : "An OS made of OCI images");
	buf_putc(&out, '\n');
	return print_result(&out, err);
}

const struct command command_schema = {
	.name = "schema",
	.summary = "Show the JSON Schema of the YAML files",
	.operands = "",
	.text = "For editors, which complete and check YAML files with it. Those that use the "
		"YAML language server find it through a line in the file:\n"
		"\n"
		"    wherry schema >wherry.schema.json\n"
		"    # yaml-language-server: $schema=wherry.schema.json",
	.options = (const struct option_group[]){{options, 0}, {0}},
	.size = sizeof(struct options),
	.run = run,
};
