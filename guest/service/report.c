/* SPDX-License-Identifier: Apache-2.0 */
#include "service/report.h"

#include <signal.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "common/console.h"
#include "common/spawn.h"

enum { LAST_LINES = 3 };

static const struct {
	const char *name;
	const char *follows; /* what a failure means for the rest */
} kinds[] = {
	[CONTAINER_ONBOOT] = {"onboot", "goes on without it"},
	[CONTAINER_SERVICE] = {"service", "it is not started again"},
	[CONTAINER_ONSHUTDOWN] = {"onshutdown", "goes on without it"},
};

/* " (last output: ...)", or "" when there was none. Owned by the caller. */
static char *last_output(const struct container *c)
{
	CLEANUP(free) char *last = service_log_last(&c->log, LAST_LINES);

	return *last ? str_printf(" (last output: %s)", last) : str_dup("");
}

void report_started(const struct container *c)
{
	if (c->kind == CONTAINER_SERVICE)
		console_line("service %s: started", c->name);
}

void report_broken(const struct container *c, const struct werr *err)
{
	CLEANUP(free) char *last = last_output(c);

	console_line("%s %s: failed: %s%s%s; goes on without it", kinds[c->kind].name, c->name,
		c->stop == CONTAINER_STOP_LIMIT ? "at its time limit: " : "",
		err ? err->message : "no reason given", last);
}

static void report_stopped(const struct container *c)
{
	bool killed = c->stop_signal == SIGKILL;
	double seconds = console_seconds() - c->stop_began;

	console_line("%s %s: stopped by %s in %.2f s%s", kinds[c->kind].name, c->name,
		killed ? "SIGKILL" : "SIGTERM", seconds,
		c->deaf ? " (it doesn't handle SIGTERM)" : "");
}

void report_ended(const struct container *c, int status)
{
	const char *kind = kinds[c->kind].name;
	double seconds = console_seconds() - c->began;
	CLEANUP(free) char *last = last_output(c);
	char how[64];

	spawn_status(how, sizeof(how), status);
	if (c->stop == CONTAINER_STOP_ASKED)
		report_stopped(c);
	else if (c->stop == CONTAINER_STOP_LIMIT)
		console_line("%s %s: ended by %s at its time limit of %u s%s; %s", kind, c->name,
			how, c->limit, last, kinds[c->kind].follows);
	else if (status != 0)
		console_line("%s %s: failed with %s after %.2f s%s; %s", kind, c->name, how,
			seconds, last, kinds[c->kind].follows);
	else if (c->kind == CONTAINER_SERVICE)
		console_line("service %s: ended by itself after %.2f s", c->name, seconds);
	else
		console_line("%s %s: done in %.2f s", kind, c->name, seconds);
}

void report_given_up(const struct container *c)
{
	console_line("%s %s: does not end even after SIGKILL; goes on without it",
		kinds[c->kind].name, c->name);
}

void report_rest(struct container *c)
{
	if (c->line.len)
		console_line("%s: %s", c->name, buf_str(&c->line));
	buf_truncate(&c->line, 0);
}

void report_output(struct container *c, const char *p, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (p[i] != '\n')
			buf_putc(&c->line, p[i]);
		if (p[i] == '\n' || c->line.len == c->line.max)
			report_rest(c);
	}
}
