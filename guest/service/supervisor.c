/* SPDX-License-Identifier: Apache-2.0 */
#include "service/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "common/channel.h"
#include "common/clock.h"
#include "common/cmdline.h"
#include "common/console.h"
#include "common/names.h"
#include "init/shutdown.h"
#include "service/control.h"
#include "service/kept.h"
#include "service/memlog.h"
#include "service/phase.h"
#include "service/runtime.h"
#include "service/syslog.h"

enum { REAPED_AT_ONCE = 256, HEARD_AT_ONCE = 1024 };
static const char state_dir[] = "/run/wherry/state";
static const char control_path[] = "/run/wherry/service.sock";

struct container *supervisor_container(const struct supervisor *s, size_t i)
{
	for (size_t g = 0; g < ARRAY_SIZE(s->groups); g++) {
		if (i < s->groups[g].n)
			return s->groups[g].items[i];
		i -= s->groups[g].n;
	}
	return NULL;
}

struct container *supervisor_find(const struct supervisor *s, const char *name)
{
	static const enum container_kind kinds[] = {
		CONTAINER_SERVICE, CONTAINER_ONBOOT, CONTAINER_ONSHUTDOWN};

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		const struct group *g = &s->groups[kinds[k]];

		for (size_t i = 0; i < g->n; i++)
			if (str_eq(g->items[i]->name, name) || str_eq(g->items[i]->id, name))
				return g->items[i];
	}
	return NULL;
}

static void read_group(struct supervisor *s, enum container_kind kind, const char *dir)
{
	struct group *g = &s->groups[kind];
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	/* Without such a folder there are none. */
	names_in(dir, &names);
	STRV_FOREACH (name, &names) {
		mem_grow(&g->items, g->n, &g->cap, sizeof(struct container *));
		g->items[g->n++] = container_new(&s->env, kind, name);
	}
}

static void make_order(struct supervisor *s)
{
	const struct group *parts[] = {&s->groups[CONTAINER_SERVICE], &s->groups[CONTAINER_ONBOOT]};
	static const struct strv none = {0};
	size_t max = parts[0]->n + parts[1]->n, n = 0;
	CLEANUP(free) const char **names = mem_alloc_array(max + 1, sizeof(char *));
	CLEANUP(free) const struct strv **after = mem_alloc_array(max + 1, sizeof(*after));
	struct werr *err = NULL;

	for (size_t p = 0; p < ARRAY_SIZE(parts); p++)
		for (size_t i = 0; i < parts[p]->n; i++, n++) {
			names[n] = parts[p]->items[i]->name;
			after[n] = p == 0 ? &parts[p]->items[i]->spec->policy.after : &none;
		}
	order_make(&s->order, names, after, n, &err);
	if (err)
		console_error(&err, "services", "starts without that");
}

static void dispatch_end(struct supervisor *s, pid_t pid, int status)
{
	struct container *c;

	if (pid == s->shell) {
		s->shell = 0;
		s->env.changed = true;
		return;
	}
	if (control_child_ended(s->control, pid, status))
		return;
	for (size_t i = 0; (c = supervisor_container(s, i)); i++)
		if (container_child_ended(c, pid, status))
			return;
	env_note_stranger(&s->env, pid, status);
}

static void signals_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct supervisor *s = CONTAINER_OF(source, struct supervisor, signals);
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(source->fd, &info, sizeof(info)) == sizeof(info))
		continue;
	/* One that starts processes without end keeps nobody else waiting. */
	for (int n = 0; n < REAPED_AT_ONCE; n++) {
		if ((pid = waitpid(-1, &status, WNOHANG)) <= 0)
			return;
		dispatch_end(s, pid, status);
	}
	kill(getpid(), SIGCHLD);
}

/* A child of ours has its number by now, so the word is of one before it. */
static bool is_our_child(pid_t pid)
{
	siginfo_t info;

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void hear(struct supervisor *s, const struct channel_message *m)
{
	static const struct channel_message alive = {.kind = CHANNEL_ALIVE};
	struct container *c;

	if (m->kind == CHANNEL_ENDED)
		for (size_t i = 0; i < m->n; i++)
			if (!is_our_child(m->ends[i].pid))
				dispatch_end(s, m->ends[i].pid, m->ends[i].status);
	if (m->kind == CHANNEL_LOST)
		for (size_t i = 0; (c = supervisor_container(s, i)); i++)
			container_look(c);
	if (m->kind == CHANNEL_STOP)
		phase_stop(s);
	if (m->kind == CHANNEL_PING)
		channel_send(s->env.channel, &alive, -1);
}

static void channel_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct supervisor *s = CONTAINER_OF(source, struct supervisor, channel);
	struct channel_message m;
	int passed;

	for (int n = 0; n < HEARD_AT_ONCE && channel_receive(source->fd, &m, &passed) > 0; n++) {
		if (passed >= 0)
			close(passed);
		hear(s, &m);
	}
}

static void open_signals(struct supervisor *s)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	/* Not ignored, which what is started would inherit. */
	sigaddset(&mask, SIGPIPE);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	s->signals = (struct loop_source){
		signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK), signals_ready};
	loop_add(s->env.loop, &s->signals, EPOLLIN);
}

static void attach(struct supervisor *s, char **kept)
{
	struct container *c;

	for (size_t i = 0; (c = supervisor_container(s, i)); i++)
		container_attach(c, kept_take(kept, "log", c->id), kept_take(kept, "out", c->id));
	/* What PID 1 told since, then what nobody told. */
	s->channel.ready(&s->channel, 0);
	for (size_t i = 0; (c = supervisor_container(s, i)); i++)
		container_attached(c);
}

/* When memory is short, others go first: PID 1 could start it again, but what it can't see goes
 * wrong meanwhile. */
static void be_spared(void)
{
	CLEANUP(fd) int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "-1000", 5) < 0)
		return;
}

static void set_up(struct supervisor *s, int argc, char **argv)
{
	CLEANUP(free) char *cmdline = cmdline_read();
	CLEANUP(free) char *syslog = cmdline_value(cmdline, "wherry.syslog");
	char **kept = argv + (argc > 1 ? 2 : argc);
	struct werr *err = NULL;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	be_spared();
	s->env.loop = loop_new();
	s->env.channel = kept_descriptor(argc > 1 ? argv[1] : NULL);
	s->env.runtime = runtime_find();
	open_signals(s);
	file_make_dirs(state_dir, 0700, NULL);
	env_read(&s->env, cmdline);
	if (syslog && syslog_parse(syslog, &s->env.syslog, &err) < 0)
		console_error(&err, "wherry.syslog", "goes on without it");
	read_group(s, CONTAINER_ONBOOT, "/containers/onboot");
	read_group(s, CONTAINER_SERVICE, "/containers/services");
	read_group(s, CONTAINER_ONSHUTDOWN, "/containers/onshutdown");
	make_order(s);
	if (control_open(&s->control, s, control_path, kept_take(kept, "listen", "control"), &err) <
		0)
		console_error(&err, "supervisor", "nobody can ask it anything");
	memlog_open(s->memlog, s, kept);
	s->channel = (struct loop_source){s->env.channel, channel_ready};
	if (s->channel.fd >= 0)
		loop_add(s->env.loop, &s->channel, EPOLLIN);
	phase_restore(s);
	attach(s, kept);
}

/* Milliseconds until something is due; -1: nothing is. */
static int time_left(const struct supervisor *s)
{
	uint64_t next = s->stop_deadline, now = clock_ms();
	const struct container *c;

	for (size_t i = 0; (c = supervisor_container(s, i)); i++) {
		uint64_t deadline = container_deadline(c);

		if (deadline && (!next || deadline < next))
			next = deadline;
	}
	if (!next)
		return -1;
	return next <= now ? 0 : next - now > INT32_MAX ? INT32_MAX : (int)(next - now);
}

static void tear_down(struct supervisor *s)
{
	memlog_close(s->memlog);
	control_close(s->control);
	for (size_t g = 0; g < ARRAY_SIZE(s->groups); g++) {
		for (size_t i = 0; i < s->groups[g].n; i++)
			container_free(s->groups[g].items[i]);
		free(s->groups[g].items);
	}
	while (s->env.n_streams)
		stream_free(s->env.streams[0]);
	free(s->env.streams);
	order_cleanup(&s->order);
	syslog_free(s->env.syslog);
}

int supervisor_main(int argc, char **argv)
{
	struct memlog memlog;
	struct supervisor s = {.env.channel = -1, .memlog = &memlog};
	struct container *c;

	set_up(&s, argc, argv);
	for (phase_proceed(&s); s.phase != PHASE_DONE; phase_proceed(&s)) {
		/* A change may let others begin. */
		int timeout = s.env.changed ? 0 : time_left(&s);
		uint64_t now;

		control_serve(s.control);
		s.env.changed = s.env.fresh = false;
		loop_wait(s.env.loop, timeout);
		now = clock_ms();
		for (size_t i = 0; (c = supervisor_container(&s, i)); i++)
			container_tick(c, now);
	}
	tear_down(&s);
	return 0;
}
