/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the supervisor reads while the OS runs: its own records, which a privileged service could
 * change, the kernel's texts about processes with arbitrary names, and the names that clients of
 * logwrite give themselves.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "control/control.h"
#include "data/printable.h"
#include "life/record.h"
#include "log/memlog.h"
#include "run/cgroup.h"
#include "run/pidref.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_kernel_s(const char *text)
{
	CLEANUP(free) char *dir = cgroup_parse(text, "/cg", "web");

	if (dir && !str_after(dir, "/cg/"))
		abort();
	pidref_parse_start(text);
	pidref_parse_hears(text, 15);
	control_parse_admin(text);
}

static void read_record(const char *text, size_t size)
{
	struct record r;

	if (record_parse(&r, text, size) && r.state >= LIFE_STATES)
		abort();
}

static void read_name(const char *text)
{
	CLEANUP(free) char *name = str_dup(text);

	memlog_name(name);
	if (strpbrk(name, "/= \n\033") || strlen(name) != strlen(text))
		abort();
}

/* No control characters reach a terminal. */
static void show(const char *text, size_t size)
{
	CLEANUP(buf) struct buf out = BUF_INIT(4 << 20);

	printable_add(&out, text, size, "");
	for (size_t i = 0; i < out.len; i++)
		if ((unsigned char)out.data[i] < ' ' || out.data[i] == 127)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *text = NULL;

	if (size > 1 << 16)
		return 0;
	text = str_dup_n((const char *)data, size);
	read_record((const char *)data, size);
	read_kernel_s(text);
	read_name(text);
	show((const char *)data, size);
	return 0;
}
