/* SPDX-License-Identifier: Apache-2.0 */
/* complete: what the completion scripts ask for. */
#include "cli/cli.h"
#include "cli/completion.h"
#include "cli/print.h"

static int run(struct context *ctx, ATTR_UNUSED const void *options, const char *const *operands,
	struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 20);

	completion_candidates(ctx, &out, operands);
	return print_result(&out, err);
}

const struct command command_complete = {
	.name = "complete",
	.summary = "List what could come next on a command line",
	.operands = "WORD...",
	.operands_max = OPERANDS_ANY,
	.hidden = true,
	.run = run,
};
