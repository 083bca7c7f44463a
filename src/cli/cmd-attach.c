/* SPDX-License-Identifier: Apache-2.0 */
/* attach: asks the supervisor of a machine that runs here. */
#include <unistd.h>

#include "base/mem.h"
#include "cli/by-port.h"
#include "cli/cli.h"
#include "cli/print.h"

static int show_help(const struct client_call *call, const char *program, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 20);

	client_help(&out, program, call->verb);
	return print_result(&out, err);
}

static int ask(const char *what, struct client_call *call, struct werr **err)
{
	CLEANUP(vm_machine) struct vm_machine m = {0};
	CLEANUP(by_port) struct by_port port = {.wire = VM_WIRE_INIT};
	int code = 0, r = vm_machine_find(what, true, &m, err);

	if (r < 0)
		return r;
	by_port_init(&port, &m);
	r = client_run(call, &port.transport, STDOUT_FILENO, &code, err);
	return r < 0 ? r : code ? COMMAND_EXITS + code : 0;
}

static int run(struct context *ctx, ATTR_UNUSED const void *options, const char *const *operands,
	struct werr **err)
{
	static const char *const list[] = {"list", NULL};
	CLEANUP(free) char *program = str_printf("wherry attach %s", operands[0]);
	CLEANUP(client_call) struct client_call call = {0};
	int r = client_parse(&call, program, operands[1] ? operands + 1 : list, err);

	call.options.json |= ctx->global.json;
	if (r < 0)
		return r;
	return call.options.help ? show_help(&call, program, err) : ask(operands[0], &call, err);
}

const struct command command_attach = {
	.name = "attach",
	.summary = "Ask and steer the services of a machine that runs here",
	.operands = "MACHINE [VERB [ARGUMENT...]]",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.words_after = 1,
	.text = "MACHINE is one that `wherry run` runs, in the background or on another terminal, "
		"by what `wherry run list` shows, or by what was given to run. It needs no "
		"network, only a kernel with a driver for virtio's serial ports "
		"(virtio_console), as Wherry's have. What follows is as for `service` on the "
		"machine itself, with the same exit codes; `wherry attach MACHINE --help` lists "
		"the verbs. Without a verb, its containers are listed. Three can be attached to "
		"one machine at a time.\n"
		"\n"
		"    wherry attach os status web\n"
		"    wherry attach os logs -f web\n"
		"    wherry attach os exec web /bin/sh",
	.run = run,
};
