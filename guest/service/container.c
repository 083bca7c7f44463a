/* SPDX-License-Identifier: Apache-2.0 */
#include "service/container.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "common/clock.h"
#include "common/console.h"
#include "common/spawn.h"
#include "service/cgroup.h"
#include "service/memlog.h"
#include "service/prepare.h"
#include "service/report.h"
#include "service/runtime.h"

enum {
	STEP_LOG_SIZE = 16 * 1024,
	START_MS = 60000,
	ONSHUTDOWN_MS = 30000,
	GIVE_UP_MS = 5000, /* after SIGKILL */
};

static const char *const folders[] = {
	[CONTAINER_ONBOOT] = "/containers/onboot",
	[CONTAINER_SERVICE] = "/containers/services",
	[CONTAINER_ONSHUTDOWN] = "/containers/onshutdown",
};

static void group_ready(struct loop_source *source, uint32_t events);

/* "000-dhcp" is "dhcp"; services have no number. */
static const char *without_number(enum container_kind kind, const char *folder)
{
	size_t digits = strspn(folder, "0123456789");

	if (kind == CONTAINER_SERVICE || !digits || folder[digits] != '-' || !folder[digits + 1])
		return folder;
	return folder + digits + 1;
}

struct container *container_new(struct env *env, enum container_kind kind, const char *folder)
{
	struct container *c = mem_new(struct container);
	CLEANUP(free) char *spec_path = NULL;
	const struct policy *policy;

	*c = (struct container){.env = env, .kind = kind, .group = {-1, group_ready}};
	c->runtime = c->cleaner = c->process = PROCESS_NONE;
	c->id = str_dup(folder);
	c->name = str_dup(without_number(kind, folder));
	c->bundle = path_join(folders[kind], folder);
	spec_path = path_join(c->bundle, "runtime.json");
	if (runtime_spec_read(spec_path, &c->spec, &c->spec_err) < 0)
		c->spec = runtime_spec_new();
	policy = &c->spec->policy;
	c->stream = stream_new(
		env, c->name, c->id, kind == CONTAINER_SERVICE ? env->log_size : STEP_LOG_SIZE);
	c->stream->console = policy->console < 0 ? env->console : policy->console;
	health_init(&c->health, env, &policy->health, c->id);
	return c;
}

void container_free(struct container *c)
{
	if (!c)
		return;
	health_end(&c->health);
	stream_free(c->stream);
	process_clear(&c->runtime);
	process_clear(&c->cleaner);
	process_clear(&c->process);
	loop_close(c->env->loop, &c->group);
	runtime_spec_free(c->spec);
	werr_free(c->spec_err);
	free(c->id);
	free(c->name);
	free(c->bundle);
	free(c->cgroup);
	free(c);
}

bool container_is_step(const struct container *c)
{
	return c->kind != CONTAINER_SERVICE;
}

uint64_t container_limit(const struct container *c)
{
	const uint64_t usual[] = {
		[CONTAINER_ONBOOT] = c->env->onboot_limit,
		[CONTAINER_SERVICE] = START_MS,
		[CONTAINER_ONSHUTDOWN] = ONSHUTDOWN_MS,
	};
	uint64_t own = c->spec->policy.timeout;

	return own ? own : usual[c->kind];
}

enum policy_onfail container_onfail(const struct container *c)
{
	enum policy_onfail own = c->spec->policy.onfail;

	return own == POLICY_ONFAIL_UNSET ? c->env->onfail : own;
}

/* Written after each change; a write that fails is told once, as it only matters when the supervisor dies as well. */
static void save(struct container *c)
{
	CLEANUP(free) char *path = str_printf("/run/wherry/state/%s", c->id);
	struct werr *err = NULL;

	c->record.pid = (uint64_t)c->process.pid;
	c->record.pid_started = c->process.started;
	c->record.runtime = (uint64_t)c->runtime.pid;
	c->record.runtime_started = c->runtime.started;
	c->record.cleaner = (uint64_t)c->cleaner.pid;
	c->record.cleaner_started = c->cleaner.started;
	if (memcmp(&c->record, &c->saved, sizeof(c->saved)) == 0)
		return;
	c->saved = c->record;
	if (record_write(&c->record, path, &err) < 0)
		console_error(
			&err, c->name, "a supervisor after this one would not know its state");
}

/* Until when the state may last by itself. */
static uint64_t limit_of_state(const struct container *c)
{
	enum life_state state = c->record.state;
	bool begins = state == LIFE_CREATING || state == LIFE_STARTING || state == LIFE_RUNNING;
	bool lasts = container_is_step(c) && (state == LIFE_READY || state == LIFE_UNHEALTHY);
	uint64_t limit = container_limit(c);

	return limit && (begins || lasts) ? c->record.began + limit : 0;
}

static void enter(struct container *c, enum life_state state)
{
	struct record *r = &c->record;

	if (r->state == state)
		return;
	r->state = state;
	r->since = clock_ms();
	if (state == LIFE_READY && !r->first_ready)
		r->first_ready = r->since;
	if (!life_is_up(state))
		health_end(&c->health);
	c->due = limit_of_state(c);
	c->env->changed = true;
}

/* What the end of it, or that it could not be made, means. */
static enum life_event verdict(const struct container *c, bool ok)
{
	enum life_state state = c->record.state;

	if (state == LIFE_STOPPING)
		return LIFE_END_OK;
	if (state == LIFE_ENDING && c->again_now)
		return LIFE_END_AGAIN;
	if (state == LIFE_ENDING)
		ok = false;
	if (c->env->stopping)
		return ok ? LIFE_END_OK : LIFE_END_BAD;
	return policy_after_end(&c->spec->policy, container_is_step(c), ok);
}

/* How many failures in a row it is with one more now, and what to wait after it. */
static uint64_t next_delay(const struct container *c, uint64_t *ret_streak)
{
	bool ran_well = clock_ms() - c->record.began >= POLICY_RAN_WELL;

	*ret_streak = c->again_now ? 0 : (ran_well ? 0 : c->record.streak) + 1;
	return c->again_now ? 0 : policy_delay(&c->spec->policy, (unsigned)*ret_streak);
}

static void forget_state_of_run(struct container *c)
{
	process_clear(&c->runtime);
	process_clear(&c->process);
	c->process_ended = c->deaf = c->late = c->sick = c->waits_to_create = false;
	c->stop_began = 0;
	c->stop_signal = 0;
}

/* It is over, one way or the other. */
static void come_to_an_end(struct container *c, enum life_event event)
{
	c->record.ended = clock_ms();
	forget_state_of_run(c);
	container_event(c, event);
}

static void broken(struct container *c, struct werr *err)
{
	enum life_event event = verdict(c, false);
	uint64_t streak;

	stream_end(c->stream);
	report_broken(c, err, event, next_delay(c, &streak));
	werr_free(err);
	come_to_an_end(c, event);
}

static int open_output(struct container *c, int *ret_write_end, struct werr **err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return werr_errno(err, errno, "can't make a pipe");
	if (c->env->memlogd && !str_eq(c->name, "memlogd") && memlog_hand_over(c->name, ends[0]))
		close(ends[0]);
	else
		stream_begin(c->stream, ends[0]);
	*ret_write_end = ends[1];
	return 0;
}

/* Before they run, so that a supervisor after this one knows of what it finds. */
static void saw_runtime(void *ctx, pid_t pid)
{
	struct container *c = ctx;

	process_set(&c->runtime, pid);
	save(c);
}

static void saw_cleaner(void *ctx, pid_t pid)
{
	struct container *c = ctx;

	process_set(&c->cleaner, pid);
	save(c);
}

static int create(struct container *c, struct werr **err)
{
	const struct spawn_witness witness = {saw_runtime, c};
	CLEANUP(fd) int write_end = -1;
	int r = 0;

	if (c->spec_err)
		return werr_set(err, c->spec_err->kind, "%s", c->spec_err->message);
	/* What it wrote to its root stays over a restart. */
	if (!c->record.prepared)
		r = prepare_container(c->spec, err);
	if (r == 0) {
		c->record.prepared = c->record.made = true;
		r = open_output(c, &write_end, err);
	}
	if (r == 0)
		r = runtime_create(c->env->runtime, c->bundle, c->id, prepare_is_between(c->spec),
			c->env->runtime_debug, write_end, &witness, err);
	return r;
}

static void clean(struct container *c)
{
	const struct spawn_witness witness = {saw_cleaner, c};

	if (c->cleaner.pid || !c->record.made)
		return;
	if (runtime_forget(c->env->runtime, c->id, &witness, NULL) < 0)
		process_clear(&c->cleaner);
}

static void do_create(struct container *c)
{
	struct werr *err = NULL;

	c->record.began = clock_ms();
	if (!c->record.first_began)
		c->record.first_began = c->record.began;
	c->due = limit_of_state(c);
	c->failed = false;
	c->again_now = false;
	if (c->record.made) {
		c->waits_to_create = true;
		clean(c);
		if (c->cleaner.pid)
			return;
		c->waits_to_create = false;
	}
	if (create(c, &err) < 0)
		broken(c, err);
}

static void do_start(struct container *c)
{
	const struct spawn_witness witness = {saw_runtime, c};
	bool again = c->record.began != c->record.first_began;
	struct werr *err = NULL;
	int r = prepare_between(c->spec, c->process.pid, again, &err);

	if (r == 0)
		r = runtime_start(c->env->runtime, c->id, &witness, &err);
	if (r < 0)
		broken(c, err);
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
	else if (!c->process_ended)
		health_begin(&c->health, c->process.pid, false);
}

static void send(struct container *c, int signal)
{
	c->stop_signal = signal;
	if (signal == SIGKILL) {
		process_signal(&c->runtime, signal);
		if (c->cgroup)
			cgroup_kill(c->cgroup);
	}
	if (!c->process_ended)
		process_signal(&c->process, signal);
	c->due = clock_ms() + (signal == SIGKILL ? GIVE_UP_MS : c->spec->policy.stop_timeout);
}

static void do_ask(struct container *c)
{
	int signal = c->spec->policy.stop_signal;

	if (!c->stop_began)
		c->stop_began = clock_ms();
	/* Waiting for a signal to work that its process does not get would be in vain. */
	c->deaf = c->process.pid && !process_hears(c->process.pid, signal);
	send(c, c->deaf ? SIGKILL : signal);
}

static void do_kill(struct container *c)
{
	if (!c->stop_began)
		c->stop_began = clock_ms();
	send(c, SIGKILL);
}

static void do_delay(struct container *c)
{
	c->due = clock_ms() + next_delay(c, &c->record.streak);
	c->again_now = false;
	c->record.restarts++;
	clean(c);
}

static void do_finish(struct container *c)
{
	c->failed = c->record.state == LIFE_FAILED;
	c->again_now = false;
	/* When all is stopped, what the runtime keeps goes with the machine. */
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

bool container_event(struct container *c, enum life_event event)
{
	enum life_state before = c->record.state;
	struct life_step step;

	if (!life_next(before, event, &step))
		return false;
	if (event == LIFE_DUE && (before < LIFE_ENDING))
		c->late = true;
	enter(c, step.state);
	actions[step.action](c);
	if (c->env->debug)
		console_line("%s: %s: %s, now %s", c->name, life_state_name(before),
			life_event_name(event), life_state_name(c->record.state));
	save(c);
	return true;
}

bool container_restart(struct container *c)
{
	if (!life_is_active(c->record.state) || c->record.state == LIFE_STOPPING)
		return false;
	c->again_now = true;
	return c->record.state == LIFE_ENDING || container_event(c, LIFE_END);
}

static void finish_process(struct container *c)
{
	int status = c->process_status;
	enum life_event event = verdict(c, status == 0);
	uint64_t streak;

	stream_end(c->stream);
	c->record.status = (uint64_t)(int64_t)(status + 1);
	report_ended(c, status, event, next_delay(c, &streak));
	come_to_an_end(c, event);
}

static void group_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct container *c = CONTAINER_OF(source, struct container, group);

	if (cgroup_is_populated(source->fd))
		return;
	loop_close(c->env->loop, source);
	finish_process(c);
}

/* In a PID namespace of its own nobody is left; in the host's there may be, and they take a moment to end. True: they do. */
static bool empty_group(struct container *c)
{
	if (!c->cgroup)
		return false;
	cgroup_kill(c->cgroup);
	c->group.fd = cgroup_open_events(c->cgroup);
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
	c->process_ended = true;
	c->process_status = status;
	if (empty_group(c))
		c->due = clock_ms() + GIVE_UP_MS;
	else
		finish_process(c);
}

static void started(struct container *c)
{
	/* One that ended already is not to be told to. */
	if (!c->process_ended || c->record.state < LIFE_ENDING)
		container_event(c, LIFE_STARTED);
	if (c->process_ended)
		process_ended(c, c->process_status);
}

static void runtime_ended(struct container *c, int status)
{
	bool only_made = c->record.state == LIFE_CREATING && prepare_is_between(c->spec);
	bool ended_first = c->record.state == LIFE_STARTING && c->process_ended;
	struct werr *err = NULL;
	char how[64];

	process_clear(&c->runtime);
	if (!c->process.pid)
		process_set(&c->process, runtime_read_pid(c->id));
	if (ended_first) {
		started(c);
	} else if (status != 0) {
		CLEANUP(free) char *runtime = path_base(c->env->runtime);

		werr_set(&err, WERR_FAILED, "%s ended with %s", runtime,
			spawn_status(how, sizeof(how), status));
		broken(c, err);
	} else if (!c->process.pid) {
		werr_set(&err, WERR_FAILED, "the runtime did not say which process it started");
		broken(c, err);
	} else if (only_made) {
		container_event(c, LIFE_MADE);
	} else {
		started(c);
	}
}

static void cleaner_ended(struct container *c)
{
	struct werr *err = NULL;

	process_clear(&c->cleaner);
	c->record.made = false;
	save(c);
	if (!c->waits_to_create)
		return;
	c->waits_to_create = false;
	if (c->record.state != LIFE_CREATING)
		come_to_an_end(c, verdict(c, true));
	else if (create(c, &err) < 0)
		broken(c, err);
	else
		save(c);
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
	if (pid != c->process.pid || c->process_ended)
		return false;
	if (c->runtime.pid) {
		/* The runtime is still to tell how it went; but starting one that is gone, it would wait for ever. */
		c->process_ended = true;
		c->process_status = status;
		if (c->record.state == LIFE_STARTING)
			process_signal(&c->runtime, SIGKILL);
	} else {
		process_ended(c, status);
	}
	return true;
}

bool container_child_known(struct container *c, pid_t pid)
{
	if (c->process.pid || !c->runtime.pid || runtime_read_pid(c->id) != pid)
		return false;
	process_set(&c->process, pid);
	return true;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return !a || (b && b < a) ? b : a;
}

uint64_t container_deadline(const struct container *c)
{
	return earlier(c->due, c->health.due);
}

static void look_at_health(struct container *c)
{
	enum health_verdict said = health_fetch(&c->health);

	if (said == HEALTH_WELL) {
		if (container_event(c, LIFE_HEALTHY))
			report_health(c, true);
	} else if (said == HEALTH_SICK && container_event(c, LIFE_SICK)) {
		report_health(c, false);
		c->sick = c->spec->policy.restart != POLICY_RESTART_NO;
		if (c->sick)
			container_event(c, LIFE_END);
	}
}

void container_tick(struct container *c, uint64_t now)
{
	bool killed = c->stop_signal == SIGKILL;

	health_tick(&c->health, now);
	look_at_health(c);
	if (!c->due || now < c->due)
		return;
	c->due = 0;
	if (c->group.fd >= 0) {
		/* Its process ended, but others of its group don't. */
		report_given_up(c);
		loop_close(c->env->loop, &c->group);
		finish_process(c);
	} else if (killed && (c->record.state == LIFE_ENDING || c->record.state == LIFE_STOPPING)) {
		report_given_up(c);
		come_to_an_end(c, LIFE_END_BAD);
	} else {
		container_event(c, LIFE_DUE);
	}
}
