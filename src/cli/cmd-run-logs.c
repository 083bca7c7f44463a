/* SPDX-License-Identifier: Apache-2.0 */
/* run logs: what the console of a machine in the background has shown. */
#include <unistd.h>

#include "base/cancel.h"
#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/cli.h"
#include "vm/machines.h"

enum { LOOK_AGAIN_MS = 500 };

struct options {
	bool follow;
};

static const struct option options[] = {
	{.name = "follow",
		.letter = 'f',
		.kind = OPTION_FLAG,
		.help = "Go on until the machine ends",
		.offset = offsetof(struct options, follow)},
	{0},
};

static bool runs(const struct vm_machine *m)
{
	CLEANUP(vm_machine) struct vm_machine found = {0};
	CLEANUP(werr) struct werr *ignored = NULL;

	return vm_machine_find(m->dir, true, &found, &ignored) == 0;
}

static int show(const struct vm_machine *m, bool follow, struct werr **err)
{
	CLEANUP(free) char *path = path_join(m->dir, MACHINE_LOG);
	CLEANUP(writer) struct writer *to = fd_writer_new(STDOUT_FILENO, FD_LENT, "stdout");
	CLEANUP(reader) struct reader *from = NULL;
	int fd = -1, r = file_open(path, &fd, err);

	if (r < 0)
		return r;
	from = fd_reader_new(fd, FD_OWNED, path);
	while (r == 0) {
		/* Asked before what it wrote last is read. */
		bool more = follow && runs(m);

		r = io_copy(from, to, NULL, err);
		if (r < 0 || !more)
			break;
		r = cancel_pause(LOOK_AGAIN_MS, err);
	}
	return r;
}

static int run(ATTR_UNUSED struct context *ctx, const void *values, const char *const *operands,
	struct werr **err)
{
	const struct options *o = values;
	CLEANUP(vm_machine) struct vm_machine m = {0};
	int r = vm_machine_find(operands[0], false, &m, err);

	if (r == 0)
		r = vm_machine_check_console(&m, err);
	return r < 0 ? r : show(&m, o->follow, err);
}

const struct command command_run_logs = {
	.name = "run logs",
	.summary = "Show the console's output of a machine in the background",
	.operands = "MACHINE",
	.operands_min = 1,
	.operands_max = 1,
	.text = "MACHINE is as for `wherry run stop`; by its path it is also one that has ended.",
	.options = (const struct option_group[]){{.options = options}, {0}},
	.size = sizeof(struct options),
	.run = run,
};
