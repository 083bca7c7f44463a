/* SPDX-License-Identifier: Apache-2.0 */
/* run console: the console of a machine in the background. */
#include "base/mem.h"
#include "cli/cli.h"
#include "vm/machines.h"

static int run(ATTR_UNUSED struct context *ctx, ATTR_UNUSED const void *options,
	const char *const *operands, struct werr **err)
{
	CLEANUP(vm_machine) struct vm_machine m = {0};
	int r = vm_machine_find(operands[0], true, &m, err);

	return r < 0 ? r : vm_machine_attach(&m, err);
}

const struct command command_run_console = {
	.name = "run console",
	.summary = "Use the console of a machine that runs in the background",
	.operands = "MACHINE",
	.operands_min = 1,
	.operands_max = 1,
	.text = "MACHINE is as for `wherry run stop`. On a terminal, Ctrl-A X leaves the console, "
		"and the machine goes on; Ctrl-A A sends a Ctrl-A. What the console has shown "
		"before is in `wherry run logs`.",
	.run = run,
};
