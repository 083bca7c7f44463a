/* SPDX-License-Identifier: Apache-2.0 */
/* run list: the machines that run. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "cli/result.h"
#include "vm/machines.h"

enum { RESULT_MAX = 16 << 20 };

static int run(struct context *ctx, ATTR_UNUSED const void *options,
	ATTR_UNUSED const char *const *operands, struct werr **err)
{
	CLEANUP(vm_machines) struct vm_machines machines = {0};
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	int r = vm_machines_list(&machines, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < machines.n; i++) {
		CLEANUP(buf) struct buf text = BUF_INIT(1 << 20), json = BUF_INIT(1 << 20);

		result_add_machine(&machines.items[i], &text, &json);
		buf_printf(&out, "%s\n", buf_str(ctx->global.json ? &json : &text));
	}
	return print_result(&out, err);
}

const struct command command_run_list = {
	.name = "run list",
	.summary = "List the machines that run",
	.operands = "",
	.text = "A line for each machine that `wherry run --detached` has started, and for those "
		"in the foreground: the process, the name, and the state directory.",
	.run = run,
};
