/* SPDX-License-Identifier: Apache-2.0 */
#include "service/phase.h"

#include <signal.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "common/clock.h"
#include "common/console.h"
#include "common/shell.h"
#include "init/shutdown.h"

enum { STOP_ALL_MS = 60000 };
static const char phase_path[] = "/run/wherry/phase";

static const char *const names[] = {"onboot", "services", "stop", "onshutdown", "done",
	"ready" /* services, and it was said */};

static void set_phase(struct supervisor *s, enum supervisor_phase phase)
{
	const char *name = names[s->ready_said && phase == PHASE_SERVICES ? 5 : phase];

	s->phase = phase;
	s->env.changed = true;
	file_write_atomic(phase_path, 0600, name, strlen(name), NULL);
}

void phase_restore(struct supervisor *s)
{
	CLEANUP(free) char *text = NULL;
	size_t size;

	if (file_read(phase_path, 64, &text, &size, NULL) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(names[i], text))
			s->phase = i == 5 ? PHASE_SERVICES : (enum supervisor_phase)i;
	s->ready_said = str_eq(text, names[5]);
	s->env.stopping = s->phase >= PHASE_STOP;
	s->stop_deadline = s->phase == PHASE_STOP ? clock_ms() + STOP_ALL_MS : 0;
}

/* Begin the next of a group whose members run one after another. False: all are over. */
static bool advance(struct supervisor *s, struct group *g)
{
	if (s->halted || s->shell)
		return true;
	for (size_t i = 0; i < g->n; i++) {
		if (g->items[i]->record.state == LIFE_WAITING)
			container_event(g->items[i], LIFE_BEGIN);
		if (!life_is_over(g->items[i]->record.state))
			return true;
	}
	return false;
}

/* Do all that it waits for run, or have they done their work? */
static bool may_begin(const struct supervisor *s, size_t place)
{
	const struct order_node *node = &s->order.nodes[place];
	const struct group *services = &s->groups[CONTAINER_SERVICE];

	for (size_t i = 0; i < node->n; i++) {
		const struct container *c =
			node->after[i] < services->n ? services->items[node->after[i]] : NULL;

		if (c && c->record.state != LIFE_READY && c->record.state != LIFE_DONE)
			return false;
	}
	return true;
}

/* Will it not begin before somebody does something? */
static bool is_held_up(const struct supervisor *s, size_t place)
{
	const struct order_node *node = &s->order.nodes[place];
	const struct group *services = &s->groups[CONTAINER_SERVICE];

	for (size_t i = 0; i < node->n; i++) {
		const struct container *c =
			node->after[i] < services->n ? services->items[node->after[i]] : NULL;

		if (c &&
			(c->record.state == LIFE_FAILED || c->record.state == LIFE_STOPPED ||
				(c->record.state == LIFE_WAITING && is_held_up(s, node->after[i]))))
			return true;
	}
	return false;
}

static void begin_services(struct supervisor *s)
{
	struct group *g = &s->groups[CONTAINER_SERVICE];

	for (size_t i = 0; i < g->n && !s->halted; i++)
		if (g->items[i]->record.state == LIFE_WAITING && may_begin(s, i))
			container_event(g->items[i], LIFE_BEGIN);
}

/* Is it clear of each service whether it runs? */
static bool all_settled(const struct supervisor *s)
{
	const struct group *g = &s->groups[CONTAINER_SERVICE];

	for (size_t i = 0; i < g->n; i++) {
		enum life_state state = g->items[i]->record.state;

		if (state == LIFE_WAITING ? !is_held_up(s, i) : state < LIFE_READY)
			return false;
	}
	return true;
}

static void say_ready(struct supervisor *s)
{
	const struct group *g = &s->groups[CONTAINER_SERVICE];
	size_t running = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct container *c = g->items[i];

		running += life_is_up(c->record.state);
		if (c->record.state == LIFE_WAITING)
			console_line("service %s: waits for another that does not run", c->name);
	}
	s->ready_said = true;
	set_phase(s, s->phase);
	if (running == g->n)
		console_line("ready (%zu service%s)", running, running == 1 ? "" : "s");
	else
		console_line("ready (%zu of %zu services)", running, g->n);
}

/* What is to be done when something failed for good. */
static void handle_failure(struct supervisor *s, const struct container *c)
{
	enum policy_onfail onfail = container_onfail(c);

	if (s->env.stopping || onfail <= POLICY_ONFAIL_CONTINUE)
		return;
	if (onfail == POLICY_ONFAIL_SHELL) {
		if (!s->shell)
			s->shell = shell_start("/dev/console");
		if (s->shell <= 0) {
			console_line("there is no shell; goes on without it");
			s->shell = 0;
		}
		return;
	}
	s->halted = true;
	kill(1, shutdown_for_verb(onfail == POLICY_ONFAIL_REBOOT ? "reboot" : "poweroff")->signal);
}

static void handle_failures(struct supervisor *s)
{
	struct container *c;

	for (size_t i = 0; (c = supervisor_container(s, i)); i++) {
		if (!c->failed)
			continue;
		c->failed = false;
		handle_failure(s, c);
	}
}

/* Is there one that still runs and waits for service `place`? */
static bool is_needed(const struct supervisor *s, size_t place)
{
	const struct group *g = &s->groups[CONTAINER_SERVICE];

	for (size_t i = 0; i < g->n; i++)
		if (life_is_active(g->items[i]->record.state) && order_waits(&s->order, i, place))
			return true;
	return false;
}

/* Ask those to stop that nobody needs. True: none is left. */
static bool stop_services(struct supervisor *s)
{
	struct group *g = &s->groups[CONTAINER_SERVICE];
	bool all = true;

	for (size_t i = 0; i < g->n; i++) {
		struct container *c = g->items[i];

		if (!life_is_over(c->record.state) && !is_needed(s, i))
			container_event(c, LIFE_STOP);
		all = all && !life_is_active(c->record.state);
	}
	return all;
}

/* The time of all together is over. */
static void kill_services(struct supervisor *s)
{
	struct group *g = &s->groups[CONTAINER_SERVICE];

	console_line("the services take too long to stop; what is left is killed");
	s->stop_deadline = 0;
	for (size_t i = 0; i < g->n; i++) {
		container_event(g->items[i], LIFE_STOP);
		container_event(g->items[i], LIFE_DUE);
	}
}

static bool steps_are_over(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (life_is_active(g->items[i]->record.state))
			return false;
	return true;
}

void phase_stop(struct supervisor *s)
{
	struct group *onboot = &s->groups[CONTAINER_ONBOOT];

	if (s->phase >= PHASE_STOP)
		return;
	s->env.stopping = true;
	s->halted = false;
	if (s->shell)
		kill(-s->shell, SIGKILL);
	s->shell = 0;
	s->stop_deadline = clock_ms() + STOP_ALL_MS;
	set_phase(s, PHASE_STOP);
	for (size_t i = 0; i < onboot->n; i++)
		container_event(onboot->items[i], LIFE_STOP);
}

void phase_proceed(struct supervisor *s)
{
	handle_failures(s);
	if (s->phase == PHASE_ONBOOT && !advance(s, &s->groups[CONTAINER_ONBOOT]))
		set_phase(s, PHASE_SERVICES);
	if (s->phase == PHASE_SERVICES)
		begin_services(s);
	handle_failures(s);
	if (s->phase == PHASE_SERVICES && !s->ready_said && !s->halted && all_settled(s))
		say_ready(s);
	if (s->phase == PHASE_STOP && s->stop_deadline && clock_ms() >= s->stop_deadline)
		kill_services(s);
	if (s->phase == PHASE_STOP && stop_services(s) &&
		steps_are_over(&s->groups[CONTAINER_ONBOOT])) {
		s->stop_deadline = 0;
		set_phase(s, PHASE_ONSHUTDOWN);
	}
	if (s->phase == PHASE_ONSHUTDOWN && !advance(s, &s->groups[CONTAINER_ONSHUTDOWN]))
		set_phase(s, PHASE_DONE);
}
