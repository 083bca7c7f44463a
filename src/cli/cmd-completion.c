/* SPDX-License-Identifier: Apache-2.0 */
/* completion: a script for the user's shell. */
#include "cli/cli.h"
#include "cli/completion.h"
#include "cli/print.h"

static int run(ATTR_UNUSED struct context *ctx, ATTR_UNUSED const void *options,
	const char *const *operands, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 16);
	CLEANUP(buf) struct buf shells = BUF_INIT(1 << 10);
	const char *script = completion_script(operands[0]);

	for (const char *const *s = completion_shells(); *s; s++)
		buf_printf(&shells, "%s%s", shells.len ? ", " : "", *s);
	if (!script) {
		werr_set(err, WERR_USAGE, "no completion for the shell '%s'", operands[0]);
		werr_hint(err, "supported: %s", buf_str(&shells));
		return werr_code(WERR_USAGE);
	}
	buf_puts(&out, script);
	return print_result(&out, err);
}

const struct command command_completion = {
	.name = "completion",
	.summary = "Show a script that lets a shell complete wherry's command lines",
	.operands = "SHELL",
	.operands_min = 1,
	.operands_max = 1,
	.text = "SHELL is bash, zsh or fish. For bash, put this line into ~/.bashrc:\n\n"
		"    source <(wherry completion bash)",
	.run = run,
};
