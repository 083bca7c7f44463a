/* SPDX-License-Identifier: Apache-2.0 */
#include "life/report.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "common/console.h"
#include "common/paths.h"
#include "common/spawn.h"
#include "common/uptime.h"
#include "run/cgroup.h"
#include "run/rights.h"

enum {
	LAST_LINES = 3,
	LINES_AT_ONCE = 20,
	PERIOD_MS = 10000,
	WHY_TEXT_MAX = 1024,
	TIME_PREFIX_MAX = 32,
};

static const char without_it[] = "continuing without it";
static const char *const onfails[] = {
	[POLICY_ONFAIL_REBOOT] = "the machine restarts",
	[POLICY_ONFAIL_POWEROFF] = "the machine powers off",
	[POLICY_ONFAIL_SHELL] = "opens a shell",
};

/* " (last output: ...)", or "" when there was none. Owned by the caller. */
static char *last_output(const struct container *c)
{
	CLEANUP(free) char *last = stream_last(c->stream, LAST_LINES);

	return *last ? str_printf(" (last output: %s)", last) : str_dup("");
}

/* The same after what may be the reason; that comes first, as the output may be long. */
static char *reason_and_output(const struct container *c)
{
	CLEANUP(free) char *last = stream_last(c->stream, LAST_LINES);
	CLEANUP(free) char *hint = rights_hint(c->bundle, last);

	return *hint ? str_printf(" (%s; last output: %s)", hint, last) : last_output(c);
}

/* What a failure leads to, or else `otherwise`. Owned by the caller. */
static char *what_follows(
	const struct container *c, enum life_event event, uint64_t delay, const char *otherwise)
{
	enum policy_onfail onfail = container_onfail(c);

	if (event == LIFE_END_AGAIN)
		return str_printf("restarting in %.1f s", (double)delay / 1000);
	if (!c->env->stopping && onfail != POLICY_ONFAIL_CONTINUE)
		return str_dup(onfails[onfail]);
	return str_dup(otherwise);
}

static void show_omitted(struct container *c)
{
	struct report_limit *l = &c->reports;

	if (l->omitted)
		console_line("%s %s: %" PRIu64 " more lines like these omitted in %.0f s",
			container_kind_name(c->kind), c->name, l->omitted, uptime_since(l->began));
	l->omitted = 0;
}

/*
 * A container that restarts again and again must not flood the console. Final lines are always
 * shown, after the number of lines left out.
 */
static bool may_show(struct container *c, bool final)
{
	struct report_limit *l = &c->reports;
	uint64_t now = uptime_ms();

	if (final || now - l->began >= PERIOD_MS) {
		show_omitted(c);
		l->began = now;
		l->shown = 0;
	}
	if (l->shown++ < LINES_AT_ONCE)
		return true;
	l->omitted++;
	return false;
}

/* ---- what is kept of the end of a run ---- */

/*
 * The group is still there, as the runtime has not deleted the container yet. A run that ended
 * before the supervisor looked has a group as well, under the name that is usual.
 */
static char *group_of(const struct container *c)
{
	return c->cgroup ? str_dup(c->cgroup) : path_join(CGROUP_ROOT, c->id);
}

static void find_memory(struct container *c, char dst[static RECORD_WHY_MAX])
{
	CLEANUP(free) char *group = group_of(c);
	uint64_t limit;
	char size[32];

	*dst = '\0';
	c->record.oom = cgroup_number(group, "memory.events", "oom_kill");
	if (!c->record.oom)
		return;
	limit = cgroup_number(group, "memory.max", NULL);
	if (limit)
		str_format(dst, RECORD_WHY_MAX, "out of memory: limit %s",
			str_exact_size(size, limit));
	else
		str_copy(dst, RECORD_WHY_MAX, "out of memory: the machine has too little");
}

/* Zeros behind the text, as records are compared. */
static void keep(struct container *c, const struct buf *text)
{
	memset(c->record.why, 0, sizeof(c->record.why));
	str_format(c->record.why, sizeof(c->record.why), "%s", buf_str(text));
}

static void put_end(struct buf *out, const struct container *c, int status)
{
	char how[64];

	spawn_status(how, sizeof(how), status);
	if (c->record.state == LIFE_STOPPING || c->run.ending == ENDING_RESTART) {
		buf_printf(out, "stopped by %s after %.1f s",
			c->run.stop_signal == SIGKILL ? "SIGKILL" : container_stop_signal(c),
			uptime_since(c->run.stop_began));
		if (c->run.ignores_signal)
			buf_printf(out, ": it doesn't handle %s", container_stop_signal(c));
		else if (c->run.stop_signal == SIGKILL)
			buf_printf(out, ": it did not end after %s", container_stop_signal(c));
	} else if (c->run.ending == ENDING_LATE) {
		buf_printf(out, "not %s within %.3g s", container_is_step(c) ? "done" : "healthy",
			(double)container_limit(c) / 1000);
		if (*c->health.said)
			buf_printf(out, ": %s", c->health.said);
	} else if (c->run.ending == ENDING_SICK) {
		buf_printf(out, "health check failed %u times: %s", c->health.failures,
			c->health.said);
	} else {
		buf_printf(out, "%s after %.2f s", how, uptime_since(c->record.began));
	}
}

static void keep_end(struct container *c, int status, const char *memory)
{
	CLEANUP(buf) struct buf out = BUF_INIT(WHY_TEXT_MAX);
	CLEANUP(free) char *last = stream_last(c->stream, 3);
	CLEANUP(free) char *hint = status > 0 ? rights_hint(c->bundle, last) : str_dup("");
	if (*memory)
		buf_printf(&out, "%s; ", memory);
	put_end(&out, c, status);
	if (*hint)
		buf_printf(&out, "; %s", hint);
	keep(c, &out);
}

/* "2026-05-04T03:02:01.123456Z: ", perhaps several times. */
static const char *after_times(const char *text)
{
	const char *end;

	while (*text >= '0' && *text <= '9' && (end = strstr(text, "Z: ")) &&
		end - text < TIME_PREFIX_MAX)
		text = end + 3;
	return text;
}

static char *runtime_said(const struct container *c)
{
	CLEANUP(free) char *last = stream_last(c->stream, 1);

	return str_dup(after_times(last));
}

static void keep_broken(struct container *c, const struct werr *err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(WHY_TEXT_MAX);
	CLEANUP(free) char *said = runtime_said(c);

	if (*said)
		buf_printf(&out, "%s (%s)", said, err ? err->message : "it was not created");
	else
		buf_puts(&out, err ? err->message : "no reason given");
	keep(c, &out);
}

/* ---- reports ---- */

void report_started(struct container *c)
{
	if (!may_show(c, false))
		return;
	if (c->kind == CONTAINER_SERVICE && !c->record.restarts)
		console_line("service %s: started", c->name);
	else if (c->kind == CONTAINER_SERVICE)
		console_line("service %s: restarted", c->name);
}

void report_broken(
	struct container *c, const struct werr *err, enum life_event event, uint64_t delay)
{
	CLEANUP(free) char *last = last_output(c);
	CLEANUP(free) char *follows = what_follows(c, event, delay, without_it);

	keep_broken(c, err);
	if (!may_show(c, event != LIFE_END_AGAIN))
		return;
	console_line("%s %s: failed: %s%s%s; %s", container_kind_name(c->kind), c->name,
		c->run.ending == ENDING_LATE ? "at its time limit: " : "",
		err ? err->message : "no reason given", last, follows);
}

static void report_stopped(const struct container *c)
{
	bool killed = c->run.stop_signal == SIGKILL;
	const char *name = container_stop_signal(c);

	console_line("%s %s: stopped by %s in %.2f s%s%s%s", container_kind_name(c->kind), c->name,
		killed ? "SIGKILL" : name, uptime_since(c->run.stop_began),
		c->run.ignores_signal ? " (it doesn't handle " : "",
		c->run.ignores_signal ? name : "", c->run.ignores_signal ? ")" : "");
}

void report_ended(struct container *c, int status, enum life_event event, uint64_t delay)
{
	const char *kind = container_kind_name(c->kind);
	CLEANUP(free) char *last = status > 0 ? reason_and_output(c) : last_output(c);
	CLEANUP(free)
	char *follows = what_follows(
		c, event, delay, container_is_step(c) ? without_it : "it is not restarted");
	double seconds = uptime_since(c->record.began);
	char how[64], memory[RECORD_WHY_MAX];

	find_memory(c, memory);
	keep_end(c, status, memory);
	if (!may_show(c, event != LIFE_END_AGAIN || c->run.ending == ENDING_RESTART))
		return;
	spawn_status(how, sizeof(how), status);
	if (c->record.state == LIFE_STOPPING || c->run.ending == ENDING_RESTART)
		report_stopped(c);
	else if (c->run.ending == ENDING_LATE)
		console_line("%s %s: ended by %s at its time limit of %.3g s%s%s%s%s; %s", kind,
			c->name, how, (double)container_limit(c) / 1000,
			c->kind == CONTAINER_SERVICE ? ", before it was healthy" : "",
			*c->health.said ? ": " : "", c->health.said, last, follows);
	else if (c->run.ending == ENDING_SICK)
		console_line("%s %s: ended by %s because its health check failed: %s%s; %s", kind,
			c->name, how, c->health.said, last, follows);
	else if (status != 0)
		console_line("%s %s: failed with %s%s%s after %.2f s%s; %s", kind, c->name, how,
			*memory ? ", " : "", memory, seconds, last, follows);
	else if (c->kind != CONTAINER_SERVICE)
		console_line("%s %s: done in %.2f s", kind, c->name, seconds);
	else if (event == LIFE_END_AGAIN)
		console_line("service %s: exited after %.2f s; %s", c->name, seconds, follows);
	else
		console_line("service %s: exited after %.2f s", c->name, seconds);
}

void report_health(struct container *c, bool well)
{
	CLEANUP(free) char *last = last_output(c);

	if (!may_show(c, false))
		return;
	if (well)
		console_line("%s %s: healthy after %.2f s", container_kind_name(c->kind), c->name,
			uptime_since(c->record.began));
	else
		console_line("%s %s: unhealthy: %u health checks in a row failed: %s%s",
			container_kind_name(c->kind), c->name, c->health.failures, c->health.said,
			last);
}

void report_given_up(struct container *c)
{
	CLEANUP(buf) struct buf why = BUF_INIT(WHY_TEXT_MAX);

	buf_puts(&why, "does not end even after SIGKILL");
	keep(c, &why);
	console_line("%s %s: does not end even after SIGKILL; %s", container_kind_name(c->kind),
		c->name, without_it);
}
