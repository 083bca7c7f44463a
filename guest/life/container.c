/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/signals.h"
#include "common/console.h"
#include "common/uptime.h"
#include "life/container-impl.h"
#include "life/report.h"

enum {
	STEP_LOG_SIZE = 16 * 1024,
	ONSHUTDOWN_MS = 30000,
};

struct container *container_new(struct env *env, enum container_kind kind, const char *id)
{
	struct container *c = mem_new(struct container);
	CLEANUP(free) char *spec_path = NULL;
	const struct policy *policy;

	*c = (struct container){.env = env, .kind = kind, .group = {.fd = -1}};
	c->runtime = c->cleaner = c->process = PIDREF_NONE;
	c->id = str_dup(id);
	c->name = str_dup(contract_name(kind, id));
	c->bundle = str_printf("/%s/%s", contract_dir(kind), id);
	spec_path = path_join(c->bundle, BUNDLE_RUNTIME);
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
	pidref_clear(&c->runtime);
	pidref_clear(&c->cleaner);
	pidref_clear(&c->process);
	loop_close(c->env->loop, &c->group);
	runtime_spec_free(c->spec);
	werr_free(c->spec_err);
	free(c->id);
	free(c->name);
	free(c->bundle);
	free(c->cgroup);
	free(c);
}

const char *container_kind_name(enum container_kind kind)
{
	static const char *const names[] = {[CONTAINER_ONBOOT] = "onboot",
		[CONTAINER_SERVICE] = "service",
		[CONTAINER_ONSHUTDOWN] = "onshutdown"};

	return names[kind];
}

bool container_is_step(const struct container *c)
{
	return c->kind != CONTAINER_SERVICE;
}

const char *container_stop_signal(const struct container *c)
{
	const char *name = signal_name(c->spec->policy.stop_signal);

	return name ? name : "its signal";
}

bool container_may_be_followed(const struct container *c)
{
	return c->record.state == LIFE_READY || c->record.state == LIFE_DONE;
}

uint64_t container_limit(const struct container *c)
{
	const uint64_t usual[] = {
		[CONTAINER_ONBOOT] = c->env->onboot_limit,
		[CONTAINER_SERVICE] = WHERRY_READY_TIMEOUT_S * 1000,
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

void container_save(struct container *c)
{
	CLEANUP(free) char *path = record_path(c->id);
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
		console_error(&err, c->name, "the next supervisor would not know its state");
}

uint64_t container_limit_of_state(const struct container *c)
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
	r->since = uptime_ms();
	if (state == LIFE_READY && !r->first_ready)
		r->first_ready = r->since;
	if (!life_is_up(state))
		health_end(&c->health);
	c->due = container_limit_of_state(c);
	c->env->changed = true;
}

bool container_event(struct container *c, enum life_event event)
{
	enum life_state before = c->record.state;
	struct life_step step;

	if (!life_next(before, event, &step))
		return false;
	if (event == LIFE_DUE && (before < LIFE_ENDING))
		c->run.ending = ENDING_LATE;
	enter(c, step.state);
	container_act(c, step.action);
	if (c->env->debug)
		console_line("%s: %s: %s, now %s", c->name, life_state_name(before),
			life_event_name(event), life_state_name(c->record.state));
	container_save(c);
	return true;
}

bool container_restart(struct container *c)
{
	if (!life_is_active(c->record.state) || c->record.state == LIFE_STOPPING)
		return false;
	c->run.ending = ENDING_RESTART;
	return c->record.state == LIFE_ENDING || container_event(c, LIFE_END);
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
		if (c->spec->policy.restart == POLICY_RESTART_NO)
			return;
		c->run.ending = ENDING_SICK;
		container_event(c, LIFE_END);
	}
}

void container_tick(struct container *c, uint64_t now)
{
	health_tick(&c->health, now);
	look_at_health(c);
	if (!c->due || now < c->due)
		return;
	c->due = 0;
	if (!container_give_up(c))
		container_event(c, LIFE_DUE);
}
