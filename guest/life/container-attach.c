/* SPDX-License-Identifier: Apache-2.0 */
/* Taking over a container from an earlier supervisor. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "common/uptime.h"
#include "life/container.h"
#include "life/restart.h"
#include "run/cgroup.h"
#include "run/runtime.h"

void container_attach(struct container *c, int ring, int output)
{
	CLEANUP(free) char *path = record_path(c->id);
	struct record *r = &c->record;

	if (!record_read(r, path))
		*r = (struct record){0};
	c->saved = *r;
	stream_attach(c->stream, ring, output);
	if (r->runtime)
		pidref_attach(&c->runtime, (pid_t)r->runtime, r->runtime_started);
	if (r->cleaner && !pidref_attach(&c->cleaner, (pid_t)r->cleaner, r->cleaner_started))
		pidref_clear(&c->cleaner);
	if (r->state == LIFE_ENDING || r->state == LIFE_STOPPING)
		c->run.stop_began = r->since;
	if (r->pid)
		pidref_attach(&c->process, (pid_t)r->pid, r->pid_started);
}

/* Time limits begin again, so the change of supervisors delays them a little. */
static void set_due(struct container *c)
{
	enum life_state state = c->record.state;
	uint64_t now = uptime_ms();

	if (state == LIFE_BACKOFF)
		c->due = now + restart_delay(&c->spec->policy, (unsigned)c->record.streak);
	else if (state == LIFE_ENDING || state == LIFE_STOPPING)
		c->due = now + c->spec->policy.stop_timeout;
	else if (state < LIFE_READY || (container_is_step(c) && life_is_up(state)))
		c->due = state == LIFE_WAITING ? 0 : c->record.began + container_limit(c);
}

/*
 * The runtime was at work when the supervisor died and has ended since; the container tells with
 * what result.
 */
static void guess_end_of_runtime(struct container *c)
{
	pid_t pid = runtime_read_pid(c->id);
	struct pidref found = PIDREF_NONE;

	pidref_set(&found, pid);
	container_child_ended(c, c->runtime.pid, found.started ? 0 : RECORD_STATUS_UNKNOWN);
	pidref_clear(&found);
}

void container_attached(struct container *c)
{
	enum life_state state = c->record.state;

	if (!life_is_active(state)) {
		set_due(c);
		return;
	}
	set_due(c);
	if (state == LIFE_CREATING && !c->runtime.pid) {
		/* The supervisor died before it had begun. */
		c->record.made = true;
		c->record.state = LIFE_BACKOFF;
		container_event(c, LIFE_BEGIN);
		return;
	}
	if (c->process.pid && !c->runtime.pid && life_is_up(state)) {
		c->cgroup = cgroup_of(c->process.pid, c->id);
		if (c->spec->policy.health.kind != POLICY_HEALTH_NONE)
			health_begin(&c->health, c->process.pid, state == LIFE_READY, c->cgroup);
	}
	if (c->runtime.pid && c->runtime.fd < 0)
		guess_end_of_runtime(c);
	else if (c->process.pid ? c->process.fd < 0 : !c->runtime.pid)
		container_child_ended(c, c->process.pid, RECORD_STATUS_UNKNOWN);
}

void container_look(struct container *c)
{
	if (pidref_is_gone(&c->runtime))
		guess_end_of_runtime(c);
	if (pidref_is_gone(&c->cleaner))
		container_child_ended(c, c->cleaner.pid, RECORD_STATUS_UNKNOWN);
	if (pidref_is_gone(&c->process))
		container_child_ended(c, c->process.pid, RECORD_STATUS_UNKNOWN);
}
