/* SPDX-License-Identifier: Apache-2.0 */
/* schema: for editors. */
#include "cli/cli.h"
#include "cli/print.h"
#include "config/schema-json.h"

enum { SCHEMA_SIZE_MAX = 1 << 20, SCHEMA_INDENT = 2 };

static int run(ATTR_UNUSED struct context *ctx, ATTR_UNUSED const void *options,
	ATTR_UNUSED const char *const *operands, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(SCHEMA_SIZE_MAX);
	struct json_writer w = JSON_WRITER(&out, SCHEMA_INDENT);

	schema_write_json(&w);
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
	.run = run,
};
