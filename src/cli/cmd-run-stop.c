/* SPDX-License-Identifier: Apache-2.0 */
/* run stop: end a machine in the background. */
#include "base/log.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "cli/result.h"
#include "vm/machines.h"

enum { SECONDS_MAX = 24 * 3600 };

struct options {
	uint64_t seconds;
};

static const struct option options[] = {
	{.name = "time",
		.letter = 't',
		.kind = OPTION_NUMBER,
		.value = "SECONDS",
		.help = "How long it may take; then, and at once with 0, the plug is pulled",
		.fallback = "60",
		.offset = offsetof(struct options, seconds)},
	{0},
};

static int show(
	const struct context *ctx, const struct vm_machine *m, bool killed, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(1 << 20), json = BUF_INIT(1 << 20);
	struct json_writer w = JSON_WRITER_SHOWN(&json);

	json_open_object(&w);
	json_key_string(&w, "stopped", m->name);
	json_key_bool(&w, "killed", killed);
	json_close_object(&w);
	buf_puts(&text, "stopped ");
	print_add_printable(&text, m->name);
	return result_show(ctx, buf_str(&text), &json, err);
}

static int stop(struct context *ctx, const char *what, uint64_t seconds, struct werr **err)
{
	CLEANUP(vm_machine) struct vm_machine m = {0};
	bool killed = false;
	int r = vm_machine_find(what, true, &m, err);

	if (seconds > SECONDS_MAX)
		seconds = SECONDS_MAX;
	if (r == 0)
		r = vm_machine_stop(&m, (unsigned)seconds, &killed, err);
	if (r < 0)
		return r;
	if (killed && seconds > 0)
		log_warning("%s did not end in %llu s: its plug was pulled", m.name,
			(unsigned long long)seconds);
	return show(ctx, &m, killed, err);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	int r = 0;

	for (size_t i = 0; r == 0 && operands[i]; i++)
		r = stop(ctx, operands[i], o->seconds, err);
	return r;
}

const struct command command_run_stop = {
	.name = "run stop",
	.summary = "End machines that run in the background",
	.operands = "MACHINE...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.text = "MACHINE is what was given to `wherry run --detached`, or what `wherry run list` "
		"shows: a name, a process or a state directory. The power button is pressed, so "
		"that the machine's services are stopped.",
	.options = (const struct option_group[]){{.options = options}, {0}},
	.size = sizeof(struct options),
	.run = run,
};
