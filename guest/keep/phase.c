/* SPDX-License-Identifier: Apache-2.0 */
#include "keep/phase.h"

#include <signal.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "common/console.h"
#include "common/paths.h"
#include "common/power.h"
#include "common/shell.h"
#include "common/uptime.h"
#include "contract/wherry.h"
#include "life/why.h"

enum { STOP_ALL_MS = 60000, PHASE_FILE_MAX = 64 };

static const char *const names[] = {"onboot", "services", "ready", "stop", "onshutdown", "done"};
_Static_assert(ARRAY_SIZE(names) == PHASES, "a name for each phase");

static void enter(struct phases *p, enum phase phase)
{
	p->now = phase;
	p->containers->env->changed = true;
	file_write_atomic(RUN_PHASE, 0600, names[phase], strlen(names[phase]), NULL);
}

static void make_order(struct phases *p)
{
	const struct container_group *groups = p->containers->groups;
	const struct container_group *parts[] = {
		&groups[CONTAINER_SERVICE], &groups[CONTAINER_ONBOOT]};
	static const struct strv none = {0};
	size_t max = parts[0]->n + parts[1]->n, n = 0;
	CLEANUP(free) const char **nodes = mem_alloc_array(max + 1, sizeof(char *));
	CLEANUP(free) const struct strv **after = mem_alloc_array(max + 1, sizeof(*after));
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		for (size_t j = 0; j < parts[i]->n; j++, n++) {
			nodes[n] = parts[i]->items[j]->name;
			after[n] = i == 0 ? &parts[i]->items[j]->spec->policy.after : &none;
		}
	order_make(&p->order, nodes, after, n, &err);
	if (err)
		console_error(&err, "services", "starting without that");
}

/* Go on from where an earlier supervisor was. */
static void restore(struct phases *p)
{
	CLEANUP(free) char *text = NULL;
	size_t size;

	if (file_read(RUN_PHASE, PHASE_FILE_MAX, &text, &size, NULL) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(names[i], text))
			p->now = (enum phase)i;
	p->containers->env->stopping = p->now >= PHASE_STOP;
	p->stop_deadline = p->now == PHASE_STOP ? uptime_ms() + STOP_ALL_MS : 0;
}

void phases_begin(struct phases *ret, struct containers *containers, const char *root)
{
	CLEANUP(free) char *scripts = path_join(root, INITD_DIR);

	*ret = (struct phases){.containers = containers};
	scripts_read(&ret->scripts, scripts, RUN_SCRIPT, containers->env->onboot_limit);
	make_order(ret);
	restore(ret);
}

void phases_cleanup(struct phases *p)
{
	order_cleanup(&p->order);
	scripts_cleanup(&p->scripts);
}

/* Begin the next container of a group that runs one after another. False: all are over. */
static bool advance(struct phases *p, struct container_group *g)
{
	if (p->halted || p->shell)
		return true;
	for (size_t i = 0; i < g->n; i++) {
		if (g->items[i]->record.state == LIFE_WAITING)
			container_event(g->items[i], LIFE_BEGIN);
		if (!life_is_over(g->items[i]->record.state))
			return true;
	}
	return false;
}

/* Does a script run that comes before what is to begin now? */
static bool scripts_come_first(struct phases *p, enum initd_when when)
{
	return !p->halted && !p->shell && scripts_run(&p->scripts, RUN_SCRIPT, when);
}

/* Scripts, the steps of onboot, scripts. False: all are over. */
static bool boot_up(struct phases *p)
{
	return scripts_come_first(p, INITD_BEFORE_ONBOOT) ||
	       advance(p, &p->containers->groups[CONTAINER_ONBOOT]) ||
	       scripts_come_first(p, INITD_BEFORE_SERVICES);
}

/* What a place of the order is: the services come first, then the steps of onboot. */
static const struct container *at_place(const struct phases *p, size_t place)
{
	const struct container_group *services = &p->containers->groups[CONTAINER_SERVICE];
	const struct container_group *steps = &p->containers->groups[CONTAINER_ONBOOT];

	return place < services->n ? services->items[place] : steps->items[place - services->n];
}

/* Are all that it waits for ready or done? */
static bool may_begin(const struct phases *p, size_t place)
{
	const struct order_node *node = &p->order.nodes[place];

	for (size_t i = 0; i < node->n; i++)
		if (!container_may_be_followed(at_place(p, node->after[i])))
			return false;
	return true;
}

/* Does it wait for one that will not become ready by itself? *ret: which; NULL: don't say. */
static bool waits_in_vain(const struct phases *p, size_t place, const struct container **ret)
{
	const struct order_node *node = &p->order.nodes[place];

	for (size_t i = 0; i < node->n; i++) {
		const struct container *c = at_place(p, node->after[i]);

		if (c->record.state != LIFE_FAILED && c->record.state != LIFE_STOPPED &&
			(c->record.state != LIFE_WAITING ||
				!waits_in_vain(p, node->after[i], NULL)))
			continue;
		if (ret)
			*ret = c;
		return true;
	}
	return false;
}

static void begin_services(struct phases *p)
{
	struct container_group *g = &p->containers->groups[CONTAINER_SERVICE];

	for (size_t i = 0; i < g->n && !p->halted; i++)
		if (g->items[i]->record.state == LIFE_WAITING && may_begin(p, i))
			container_event(g->items[i], LIFE_BEGIN);
}

/* Is it known of each service whether it runs? */
static bool all_settled(const struct phases *p)
{
	const struct container_group *g = &p->containers->groups[CONTAINER_SERVICE];

	for (size_t i = 0; i < g->n; i++) {
		enum life_state state = g->items[i]->record.state;

		if (state == LIFE_WAITING ? !waits_in_vain(p, i, NULL) : state < LIFE_READY)
			return false;
	}
	return true;
}

static void report_ready(struct phases *p)
{
	const struct container_group *g = &p->containers->groups[CONTAINER_SERVICE];
	size_t running = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct container *c = g->items[i], *other = NULL;

		running += life_is_up(c->record.state);
		if (c->record.state == LIFE_WAITING && waits_in_vain(p, i, &other))
			console_line("service %s: waits for %s, which %s", c->name, other->name,
				why_it_blocks(other));
	}
	enter(p, PHASE_READY);
	if (running == g->n)
		console_line(SAID_READY "%zu service%s)", running, running == 1 ? "" : "s");
	else
		console_line(SAID_READY "%zu of %zu services)", running, g->n);
}

/* Do what a final failure asks for. */
static void handle_failure(struct phases *p, const struct container *c)
{
	enum policy_onfail onfail = container_onfail(c);

	if (p->containers->env->stopping || onfail == POLICY_ONFAIL_CONTINUE)
		return;
	if (onfail == POLICY_ONFAIL_SHELL) {
		if (!p->shell)
			p->shell = shell_start("/dev/console");
		if (p->shell <= 0) {
			console_line("there is no shell; continuing without it");
			p->shell = 0;
		}
		return;
	}
	p->halted = true;
	power_ask(power_for_verb(onfail == POLICY_ONFAIL_REBOOT ? "reboot" : "poweroff"));
}

static void handle_failures(struct phases *p)
{
	struct container *c;

	for (size_t i = 0; (c = containers_at(p->containers, i)); i++) {
		if (!c->newly_failed)
			continue;
		c->newly_failed = false;
		handle_failure(p, c);
	}
}

/* Is a service still running that waits for service `place`? */
static bool is_needed(const struct phases *p, size_t place)
{
	const struct container_group *g = &p->containers->groups[CONTAINER_SERVICE];

	for (size_t i = 0; i < g->n; i++)
		if (life_is_active(g->items[i]->record.state) && order_waits(&p->order, i, place))
			return true;
	return false;
}

/* Stop the services that no running service waits for. True: none is left. */
static bool stop_services(struct phases *p)
{
	struct container_group *g = &p->containers->groups[CONTAINER_SERVICE];
	bool all = true;

	for (size_t i = 0; i < g->n; i++) {
		struct container *c = g->items[i];

		if (!life_is_over(c->record.state) && !is_needed(p, i))
			container_event(c, LIFE_STOP);
		all = all && !life_is_active(c->record.state);
	}
	return all;
}

/* The time for all services together has passed. */
static void kill_services(struct phases *p)
{
	struct container_group *g = &p->containers->groups[CONTAINER_SERVICE];

	console_line("the services take too long to stop; killing those that are left");
	p->stop_deadline = 0;
	for (size_t i = 0; i < g->n; i++) {
		container_event(g->items[i], LIFE_STOP);
		container_event(g->items[i], LIFE_DUE);
	}
}

static bool steps_are_over(const struct container_group *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (life_is_active(g->items[i]->record.state))
			return false;
	return true;
}

void phases_stop(struct phases *p)
{
	struct container_group *onboot = &p->containers->groups[CONTAINER_ONBOOT];

	if (p->now >= PHASE_STOP)
		return;
	p->containers->env->stopping = true;
	p->halted = false;
	if (p->shell)
		kill(-p->shell, SIGKILL);
	p->shell = 0;
	scripts_stop(&p->scripts);
	p->stop_deadline = uptime_ms() + STOP_ALL_MS;
	enter(p, PHASE_STOP);
	for (size_t i = 0; i < onboot->n; i++)
		container_event(onboot->items[i], LIFE_STOP);
}

void phases_proceed(struct phases *p)
{
	handle_failures(p);
	if (p->now == PHASE_ONBOOT && !boot_up(p))
		enter(p, PHASE_SERVICES);
	if (p->now == PHASE_SERVICES || p->now == PHASE_READY)
		begin_services(p);
	handle_failures(p);
	if (p->now == PHASE_SERVICES && !p->halted && all_settled(p))
		report_ready(p);
	if (p->now == PHASE_READY)
		scripts_come_first(p, INITD_AFTER_SERVICES);
	if (p->now == PHASE_STOP && p->stop_deadline && uptime_ms() >= p->stop_deadline)
		kill_services(p);
	if (p->now == PHASE_STOP && stop_services(p) &&
		steps_are_over(&p->containers->groups[CONTAINER_ONBOOT])) {
		p->stop_deadline = 0;
		enter(p, PHASE_ONSHUTDOWN);
	}
	if (p->now == PHASE_ONSHUTDOWN && !advance(p, &p->containers->groups[CONTAINER_ONSHUTDOWN]))
		enter(p, PHASE_DONE);
}

bool phases_child_ended(struct phases *p, pid_t pid, int status)
{
	if (scripts_child_ended(&p->scripts, pid, status)) {
		p->containers->env->changed = true;
		return true;
	}
	if (!p->shell || pid != p->shell)
		return false;
	p->shell = 0;
	p->containers->env->changed = true;
	return true;
}
