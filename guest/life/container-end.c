/* SPDX-License-Identifier: Apache-2.0 */
/* What follows when processes end: the runtime's, the container's, those of its control group. */
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "common/spawn.h"
#include "common/uptime.h"
#include "life/container-impl.h"
#include "life/report.h"
#include "life/restart.h"
#include "run/cgroup.h"
#include "run/prepare.h"
#include "run/runtime.h"

/* What the end of the run, or the failure to make it, means. */
static enum life_event verdict(const struct container *c, bool ok)
{
	enum life_state state = c->record.state;

	if (state == LIFE_STOPPING)
		return LIFE_END_OK;
	if (state == LIFE_ENDING && c->run.ending == ENDING_RESTART)
		return LIFE_END_AGAIN;
	if (state == LIFE_ENDING)
		ok = false;
	if (c->env->stopping)
		return ok ? LIFE_END_OK : LIFE_END_BAD;
	return restart_verdict(&c->spec->policy, container_is_step(c), ok);
}

uint64_t container_delay(const struct container *c, uint64_t *ret_streak)
{
	bool ran_well = uptime_ms() - c->record.began >= RESTART_RAN_WELL_MS;

	*ret_streak = c->run.ending == ENDING_RESTART ? 0 : (ran_well ? 0 : c->record.streak) + 1;
	return c->run.ending == ENDING_RESTART
		       ? 0
		       : restart_delay(&c->spec->policy, (unsigned)*ret_streak);
}

/* The run is over, one way or the other. */
static void finish_run(struct container *c, enum life_event event)
{
	c->record.ended = uptime_ms();
	pidref_clear(&c->runtime);
	pidref_clear(&c->process);
	container_event(c, event);
	c->run = (struct container_run){0};
}

void container_broken(struct container *c, struct werr *err)
{
	enum life_event event = verdict(c, false);
	uint64_t streak;

	stream_end(c->stream);
	report_broken(c, err, event, container_delay(c, &streak));
	werr_free(err);
	finish_run(c, event);
}

static void finish_process(struct container *c)
{
	int status = c->run.process_status;
	enum life_event event = verdict(c, status == 0);
	uint64_t streak;

	stream_end(c->stream);
	c->record.status = (uint64_t)(int64_t)(status + 1);
	report_ended(c, status, event, container_delay(c, &streak));
	finish_run(c, event);
}

static void group_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct container *c = CONTAINER_OF(source, struct container, group);

	if (cgroup_is_populated(source->fd))
		return;
	loop_close(c->env->loop, source);
	finish_process(c);
}

/*
 * A PID namespace of the container's own is empty by now. In the machine's there may be processes
 * left, which take a moment to end. True: wait for them.
 */
static bool empty_group(struct container *c)
{
	if (!c->cgroup)
		return false;
	cgroup_kill(c->cgroup);
	c->group = (struct loop_source){cgroup_open_events(c->cgroup), group_ready};
	if (c->group.fd >= 0 && cgroup_is_populated(c->group.fd) &&
		loop_add(c->env->loop, &c->group, EPOLLPRI) == 0)
		return true;
	fd_cleanup(&c->group.fd);
	c->group.fd = -1;
	return false;
}

static void process_ended(struct container *c, int status)
{
	health_end(&c->health);
	c->run.process_ended = true;
	c->run.process_status = status;
	if (empty_group(c))
		c->due = uptime_ms() + CONTAINER_GIVE_UP_MS;
	else
		finish_process(c);
}

static void started(struct container *c)
{
	/* Do not report "started" to a run that is being ended and whose process is gone. */
	if (!c->run.process_ended || c->record.state < LIFE_ENDING)
		container_event(c, LIFE_STARTED);
	if (c->run.process_ended)
		process_ended(c, c->run.process_status);
}

/* Only the runtime knows its number, and may report it after it has ended. */
static void learn_process(struct container *c)
{
	pidref_set(&c->process, runtime_read_pid(c->id));
	if (!c->process.pid || c->process.started)
		return;
	c->run.process_ended = true;
	if (!env_find_stranger(c->env, c->process.pid, &c->run.process_status))
		c->run.process_status = RECORD_STATUS_UNKNOWN;
}

static void runtime_ended(struct container *c, int status)
{
	bool only_made = c->record.state == LIFE_CREATING && prepare_is_between(c->spec);
	bool ended_first = c->record.state == LIFE_STARTING && c->run.process_ended;
	struct werr *err = NULL;
	char how[64];

	pidref_clear(&c->runtime);
	if (!c->process.pid)
		learn_process(c);
	if (ended_first) {
		started(c);
	} else if (status != 0) {
		CLEANUP(free) char *runtime = path_base(c->env->runtime);

		werr_set(&err, WERR_FAILED, "%s ended with %s", runtime,
			spawn_status(how, sizeof(how), status));
		container_broken(c, err);
	} else if (!c->process.pid) {
		werr_set(&err, WERR_FAILED, "the runtime did not report which process it started");
		container_broken(c, err);
	} else if (only_made) {
		container_event(c, LIFE_MADE);
	} else {
		started(c);
	}
}

static void cleaner_ended(struct container *c)
{
	pidref_clear(&c->cleaner);
	c->record.made = false;
	container_save(c);
	/* Did a new run wait for this? It may have been stopped in the meantime. */
	if (!life_is_active(c->record.state))
		return;
	if (c->record.state != LIFE_CREATING)
		finish_run(c, verdict(c, true));
	else
		container_make(c);
	container_save(c);
}

bool container_child_ended(struct container *c, pid_t pid, int status)
{
	if (pid == c->runtime.pid) {
		runtime_ended(c, status);
		return true;
	}
	if (pid == c->cleaner.pid) {
		cleaner_ended(c);
		return true;
	}
	if (health_child_ended(&c->health, pid, status))
		return true;
	if (pid != c->process.pid || c->run.process_ended)
		return false;
	if (c->runtime.pid) {
		/*
		 * The runtime will still report the result. But it would wait forever to start a
		 * process that is gone.
		 */
		c->run.process_ended = true;
		c->run.process_status = status;
		if (c->record.state == LIFE_STARTING)
			pidref_signal(&c->runtime, SIGKILL);
	} else {
		process_ended(c, status);
	}
	return true;
}

bool container_give_up(struct container *c)
{
	enum life_state state = c->record.state;

	if (c->group.fd >= 0) {
		/* Its process has ended, but others in its group do not. */
		report_given_up(c);
		loop_close(c->env->loop, &c->group);
		finish_process(c);
		return true;
	}
	if (c->run.stop_signal != SIGKILL || (state != LIFE_ENDING && state != LIFE_STOPPING))
		return false;
	report_given_up(c);
	finish_run(c, LIFE_END_BAD);
	return true;
}
