/* SPDX-License-Identifier: Apache-2.0 */
/* The actions of the table in life/life.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "common/spawn.h"
#include "common/uptime.h"
#include "life/container-impl.h"
#include "life/report.h"
#include "log/memlog.h"
#include "run/cgroup.h"
#include "run/prepare.h"
#include "run/runtime.h"

static int open_output(struct container *c, int *ret_write_end, struct werr **err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return werr_errno(err, errno, "can't create a pipe");
	if (c->env->memlogd && !str_eq(c->name, "memlogd") && memlog_hand_over(c->name, ends[0]))
		close(ends[0]);
	else
		stream_begin(c->stream, ends[0]);
	*ret_write_end = ends[1];
	return 0;
}

/*
 * In the new process, before it executes its program, so that the next supervisor knows about it.
 */
static void saw_runtime(void *ctx, pid_t pid)
{
	struct container *c = ctx;

	pidref_name(&c->runtime, pid);
	container_save(c);
}

static void saw_cleaner(void *ctx, pid_t pid)
{
	struct container *c = ctx;

	pidref_name(&c->cleaner, pid);
	container_save(c);
}

static int create(struct container *c, struct werr **err)
{
	const struct spawn_witness witness = {saw_runtime, c};
	CLEANUP(fd) int write_end = -1;
	int r = 0;

	if (c->spec_err)
		return werr_set(err, c->spec_err->kind, "%s", c->spec_err->message);
	/* The root is prepared once, so that what was written to it survives a restart. */
	if (!c->record.prepared)
		r = prepare_container(c->spec, err);
	if (r == 0) {
		c->record.prepared = c->record.made = true;
		r = open_output(c, &write_end, err);
	}
	if (r == 0)
		r = runtime_create(c->env->runtime, c->bundle, c->id, prepare_is_between(c->spec),
			c->env->runtime_debug, write_end, &witness, err);
	if (r == 0)
		pidref_hold(&c->runtime);
	return r;
}

void container_make(struct container *c)
{
	struct werr *err = NULL;

	if (create(c, &err) < 0)
		container_broken(c, err);
}

static void clean(struct container *c)
{
	const struct spawn_witness witness = {saw_cleaner, c};

	if (c->cleaner.pid || !c->record.made)
		return;
	if (runtime_forget(c->env->runtime, c->id, &witness, NULL) == 0)
		pidref_hold(&c->cleaner);
	else
		pidref_clear(&c->cleaner);
}

static void do_create(struct container *c)
{
	c->record.began = uptime_ms();
	if (!c->record.first_began)
		c->record.first_began = c->record.began;
	c->due = container_limit_of_state(c);
	c->newly_failed = false;
	clean(c);
	if (!c->cleaner.pid)
		container_make(c);
}

static void do_start(struct container *c)
{
	const struct spawn_witness witness = {saw_runtime, c};
	bool again = c->record.began != c->record.first_began;
	struct werr *err = NULL;
	int r = prepare_between(c->spec, c->process.pid, again, &err);

	if (r == 0)
		r = runtime_start(c->env->runtime, c->id, &witness, &err);
	if (r == 0)
		pidref_hold(&c->runtime);
	else
		container_broken(c, err);
}

static void do_watch(struct container *c)
{
	free(c->cgroup);
	c->cgroup = cgroup_of(c->process.pid, c->id);
	if (c->cgroup)
		cgroup_protect(c->cgroup);
	report_started(c);
	if (c->spec->policy.health.kind == POLICY_HEALTH_NONE)
		container_event(c, LIFE_HEALTHY);
	else if (!c->run.process_ended)
		health_begin(&c->health, c->process.pid, false, c->cgroup);
}

static void send(struct container *c, int signal)
{
	c->run.stop_signal = signal;
	if (signal == SIGKILL) {
		pidref_signal(&c->runtime, signal);
		if (c->cgroup)
			cgroup_kill(c->cgroup);
	}
	if (!c->run.process_ended)
		pidref_signal(&c->process, signal);
	c->due = uptime_ms() +
		 (signal == SIGKILL ? CONTAINER_GIVE_UP_MS : c->spec->policy.stop_timeout);
}

static void do_ask(struct container *c)
{
	int signal = c->spec->policy.stop_signal;

	if (!c->run.stop_began)
		c->run.stop_began = uptime_ms();
	/* There is no point in waiting for a signal that does not reach its process. */
	c->run.ignores_signal = c->process.pid && !pidref_hears(c->process.pid, signal);
	send(c, c->run.ignores_signal ? SIGKILL : signal);
}

static void do_kill(struct container *c)
{
	if (!c->run.stop_began)
		c->run.stop_began = uptime_ms();
	send(c, SIGKILL);
}

static void do_delay(struct container *c)
{
	c->due = uptime_ms() + container_delay(c, &c->record.streak);
	c->record.restarts++;
	clean(c);
}

static void do_finish(struct container *c)
{
	c->newly_failed = c->record.state == LIFE_FAILED;
	/* When everything is being stopped, the runtime's state goes away with the machine. */
	if (!c->env->stopping)
		clean(c);
}

static void do_nothing(ATTR_UNUSED struct container *c)
{
}

static void (*const actions[])(struct container *c) = {
	[LIFE_DO_NOTHING] = do_nothing,
	[LIFE_DO_CREATE] = do_create,
	[LIFE_DO_START] = do_start,
	[LIFE_DO_WATCH] = do_watch,
	[LIFE_DO_ASK] = do_ask,
	[LIFE_DO_KILL] = do_kill,
	[LIFE_DO_DELAY] = do_delay,
	[LIFE_DO_FINISH] = do_finish,
};

void container_act(struct container *c, enum life_action action)
{
	actions[action](c);
}
