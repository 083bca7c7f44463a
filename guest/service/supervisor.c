/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor: onboot one after another, then all services, until SIGTERM; then the services are stopped, onshutdown runs
 * one after another, and it ends. One loop waits for children, for what they write, and for what is due.
 */
#include "service/supervisor.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "common/cmdline.h"
#include "common/console.h"
#include "service/container.h"
#include "service/runtime.h"

enum { ONBOOT_SECONDS = 300, START_SECONDS = 60, ONSHUTDOWN_SECONDS = 30, STOP_SECONDS = 10 };
enum { LIMIT_MAX = 24 * 3600 };

enum phase { PHASE_ONBOOT, PHASE_SERVICES, PHASE_STOP, PHASE_ONSHUTDOWN, PHASE_DONE };

/* The containers of one folder, in the order of their names. */
struct group {
	struct container **items;
	size_t n, cap;
};

struct supervisor {
	struct group groups[3]; /* by enum container_kind */
	enum phase phase;
	bool ready_said;
	int signals;
	struct pollfd *fds;
	size_t fds_cap;
};

static void read_group(struct supervisor *s, enum container_kind kind, const char *dir,
	unsigned limit, bool to_console)
{
	struct group *g = &s->groups[kind];
	CLEANUP(strv) struct strv names = {0};
	DIR *d = opendir(dir);
	struct dirent *entry;
	const char *name;

	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			strv_add(&names, entry->d_name);
	if (d)
		closedir(d);
	strv_sort(&names);
	STRV_FOREACH (name, &names) {
		struct container *c = container_new(kind, name);

		c->limit = limit;
		c->to_console = to_console;
		c->runtime_path = runtime_find();
		mem_grow(&g->items, g->n, &g->cap, sizeof(struct container *));
		g->items[g->n++] = c;
	}
}

static void read_groups(struct supervisor *s)
{
	CLEANUP(free) char *cmdline = cmdline_read();
	bool to_console = cmdline_flag(cmdline, "wherry.console") ||
			  cmdline_flag(cmdline, "linuxkit.runc_console");
	unsigned onboot = (unsigned)cmdline_number(
		cmdline, "wherry.onboot-timeout", ONBOOT_SECONDS, LIMIT_MAX);

	read_group(s, CONTAINER_ONBOOT, "/containers/onboot", onboot, to_console);
	read_group(s, CONTAINER_SERVICE, "/containers/services", START_SECONDS, to_console);
	read_group(
		s, CONTAINER_ONSHUTDOWN, "/containers/onshutdown", ONSHUTDOWN_SECONDS, to_console);
}

/* Calls for each container: for (size_t i...) over three groups, written once. */
static struct container *container_at(const struct supervisor *s, size_t i)
{
	for (size_t g = 0; g < ARRAY_SIZE(s->groups); g++) {
		if (i < s->groups[g].n)
			return s->groups[g].items[i];
		i -= s->groups[g].n;
	}
	return NULL;
}

/* Begin the next of a group whose members run one after another. False: all have ended. */
static bool advance(struct group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		struct container *c = g->items[i];

		if (c->state == CONTAINER_WAITING)
			container_begin(c);
		if (c->state != CONTAINER_ENDED)
			return true;
	}
	return false;
}

static bool all_settled(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->items[i]->state < CONTAINER_RUNNING)
			return false;
	return true;
}

static bool all_ended(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->items[i]->state != CONTAINER_ENDED &&
			g->items[i]->state != CONTAINER_WAITING)
			return false;
	return true;
}

static void say_ready(struct supervisor *s)
{
	const struct group *g = &s->groups[CONTAINER_SERVICE];
	size_t running = 0;

	for (size_t i = 0; i < g->n; i++)
		running += g->items[i]->state == CONTAINER_RUNNING;
	s->ready_said = true;
	if (running == g->n)
		console_line("ready (%zu service%s)", running, running == 1 ? "" : "s");
	else
		console_line("ready (%zu of %zu services)", running, g->n);
}

/* From phase to phase, as far as it goes without waiting. */
static void proceed(struct supervisor *s)
{
	struct group *services = &s->groups[CONTAINER_SERVICE];

	if (s->phase == PHASE_ONBOOT && !advance(&s->groups[CONTAINER_ONBOOT])) {
		s->phase = PHASE_SERVICES;
		for (size_t i = 0; i < services->n; i++)
			container_begin(services->items[i]);
	}
	if (s->phase == PHASE_SERVICES && !s->ready_said && all_settled(services))
		say_ready(s);
	if (s->phase == PHASE_STOP && all_ended(services) &&
		all_ended(&s->groups[CONTAINER_ONBOOT]))
		s->phase = PHASE_ONSHUTDOWN;
	if (s->phase == PHASE_ONSHUTDOWN && !advance(&s->groups[CONTAINER_ONSHUTDOWN]))
		s->phase = PHASE_DONE;
}

static void stop_all(struct supervisor *s)
{
	if (s->phase >= PHASE_STOP)
		return;
	s->phase = PHASE_STOP;
	for (size_t i = 0; container_at(s, i); i++)
		container_end(container_at(s, i), CONTAINER_STOP_ASKED, STOP_SECONDS);
}

static void reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; container_at(s, i); i++)
			if (container_child_ended(container_at(s, i), pid, status))
				break;
}

static void handle_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo == SIGTERM)
			stop_all(s);
	reap(s);
}

/* Milliseconds until something is due; -1: nothing is. */
static int time_left(const struct supervisor *s)
{
	double next = 0, left;

	for (size_t i = 0; container_at(s, i); i++) {
		double deadline = container_deadline(container_at(s, i));

		if (deadline > 0 && (next <= 0 || deadline < next))
			next = deadline;
	}
	if (next <= 0)
		return -1;
	left = next - console_seconds();
	return left > 0 ? (int)(left * 1000) + 1 : 0;
}

static void wait_for_event(struct supervisor *s)
{
	struct pollfd *fds = s->fds;
	size_t n;

	/* poll() passes over negative descriptors: places of containers without output. */
	for (n = 0; container_at(s, n); n++)
		fds[n] = (struct pollfd){.fd = container_at(s, n)->output, .events = POLLIN};
	fds[n] = (struct pollfd){.fd = s->signals, .events = POLLIN};
	if (poll(fds, n + 1, time_left(s)) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (fds[i].revents)
			container_read_output(container_at(s, i));
	handle_signals(s);
	for (size_t i = 0; i < n; i++)
		container_tick(container_at(s, i));
}

static int open_signals(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

int supervisor_main(ATTR_UNUSED int argc, ATTR_UNUSED char **argv)
{
	struct supervisor s = {0};
	size_t n = 0;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	s.signals = open_signals();
	file_make_dirs("/run/wherry", 0700, NULL);
	read_groups(&s);
	while (container_at(&s, n))
		n++;
	s.fds = mem_new_array(struct pollfd, n + 1);
	for (proceed(&s); s.phase != PHASE_DONE; proceed(&s))
		wait_for_event(&s);
	while (n-- > 0)
		container_free(container_at(&s, n));
	for (size_t g = 0; g < ARRAY_SIZE(s.groups); g++)
		free(s.groups[g].items);
	free(s.fds);
	return 0;
}
