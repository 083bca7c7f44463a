/* SPDX-License-Identifier: Apache-2.0 */
/* run list: the machines in the background. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "data/json.h"
#include "vm/machines.h"

enum { RESULT_MAX = 16 << 20 };

static void add_json(struct buf *out, const struct vm_machine *m)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "name", m->name);
	json_key_u64(&w, "process", m->pid);
	json_key_string(&w, "state", m->dir);
	json_close_object(&w);
	buf_putc(out, '\n');
}

static int run(struct context *ctx, ATTR_UNUSED const void *options,
	ATTR_UNUSED const char *const *operands, struct werr **err)
{
	CLEANUP(vm_machines) struct vm_machines machines = {0};
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	int r = vm_machines_list(&machines, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < machines.n; i++) {
		const struct vm_machine *m = &machines.items[i];

		if (ctx->global.json) {
			add_json(&out, m);
			continue;
		}
		buf_printf(&out, "%llu ", (unsigned long long)m->pid);
		print_add_printable(&out, m->name);
		buf_putc(&out, ' ');
		print_add_printable(&out, m->dir);
		buf_putc(&out, '\n');
	}
	return print_result(&out, err);
}

const struct command command_run_list = {
	.name = "run list",
	.summary = "List the machines that run in the background",
	.operands = "",
	.text = "A line for each machine that `wherry run --detached` has started: the process, "
		"the name, and the state directory.",
	.run = run,
};
