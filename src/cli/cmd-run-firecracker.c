/* SPDX-License-Identifier: Apache-2.0 */
/* run firecracker: what --format firecracker has written. */
#include "cli/cli.h"
#include "vm/firecracker.h"

struct options {
	const char *program;
};

static const struct option options[] = {
	{.name = "firecracker",
		.kind = OPTION_TEXT,
		.value = "PROGRAM",
		.help = "The program to run; by default firecracker in PATH",
		.offset = offsetof(struct options, program)},
	{0},
};

static int run(ATTR_UNUSED struct context *ctx, const void *values, const char *const *operands,
	struct werr **err)
{
	const struct options *o = values;
	int code = 0, r = firecracker_run(operands[0], o->program, &code, err);

	if (r < 0 || code == 0)
		return r;
	return werr_set(err, WERR_FAILED, "Firecracker ended with exit code %d while running %s",
		code, operands[0]);
}

const struct command command_run_firecracker = {
	.name = "run firecracker",
	.summary = "Run what was built in Firecracker",
	.operands = "DIR",
	.operands_min = 1,
	.operands_max = 1,
	.text = "DIR is what `wherry build --format firecracker` has written; how much memory "
		"and how many CPUs the machine has is in its vm.json. Firecracker needs "
		"/dev/kvm. The guest's console is this terminal.\n"
		"\n"
		"    wherry run firecracker nginx-firecracker",
	.options = (const struct option_group[]){{options, 0}, {0}},
	.size = sizeof(struct options),
	.run = run,
};
