/* SPDX-License-Identifier: Apache-2.0 */
/* help, also for one verb. */
#include "cli/called.h"
#include "cli/cli.h"
#include "cli/help.h"
#include "cli/help-json.h"
#include "cli/lookup.h"
#include "cli/print.h"

static int run(struct context *ctx, ATTR_UNUSED const void *options, const char *const *operands,
	struct werr **err)
{
	CLEANUP(buf) struct buf name = BUF_INIT(1 << 16), out = BUF_INIT(1 << 20);
	const struct command *c;

	for (size_t i = 0; operands[i]; i++)
		buf_printf(&name, "%s%s", i ? " " : "", operands[i]);
	c = command_find(buf_str(&name));
	if (ctx->global.json && c)
		help_json_command(&out, c);
	else if (ctx->global.json && (!name.len || command_is_group(buf_str(&name))))
		help_json_group(&out, buf_str(&name));
	else if (c)
		help_command(&out, c);
	else if (!name.len || command_is_group(buf_str(&name)))
		help_overview(&out, buf_str(&name));
	else
		return command_unknown(buf_str(&name), err);
	if (!ctx->global.json)
		called_help(&ctx->called, &out);
	return print_result(&out, err);
}

const struct command command_help = {
	.name = "help",
	.summary = "Show help, or the help for one verb",
	.operands = "[VERB]",
	.operands_max = 3,
	.run = run,
};
