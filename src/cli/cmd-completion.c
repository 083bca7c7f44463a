/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/output.h"

static int run_completion(ATTR_UNUSED struct context *ctx, ATTR_UNUSED const void *options,
	const char *const *operands, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 16);
	const char *script = completion_script(operands[0]);

	if (!script) {
		werr_set(err, WERR_USAGE, "no completion for the shell '%s'", operands[0]);
		werr_hint(err, "known are: bash, zsh, fish");
		return werr_code(WERR_USAGE);
	}
	buf_puts(&out, script);
	return output_result(&out, err);
}

const struct command command_completion = {
	.name = "completion",
	.summary = "Show a script that makes a shell complete wherry's command lines",
	.operands = "SHELL",
	.operands_min = 1,
	.operands_max = 1,
	.text = "SHELL is bash, zsh or fish. For bash, put this line into ~/.bashrc:\n\n"
		"    source <(wherry completion bash)",
	.run = run_completion,
};

static int run_complete(ATTR_UNUSED struct context *ctx, ATTR_UNUSED const void *options,
	const char *const *operands, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 20);

	completion_candidates(&out, operands);
	return output_result(&out, err);
}

/* For the scripts only. */
const struct command command_complete = {
	.name = "complete",
	.summary = "List what could come next on a command line",
	.operands = "WORD...",
	.operands_max = OPERANDS_ANY,
	.hidden = true,
	.run = run_complete,
};
