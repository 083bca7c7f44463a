/* SPDX-License-Identifier: Apache-2.0 */
#include "keep/supervisor.h"

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
#include "common/cmdline.h"
#include "common/console.h"
#include "common/fs.h"
#include "common/kept.h"
#include "common/paths.h"
#include "common/uptime.h"
#include "control/control.h"
#include "keep/phase.h"
#include "log/filequeue.h"
#include "log/filewriter.h"
#include "log/journal.h"
#include "log/memlog.h"
#include "log/syslog.h"
#include "run/runtime.h"

enum { REAPED_AT_ONCE = 256, HEARD_AT_ONCE = 1024 };

struct supervisor {
	struct env env;
	struct containers containers;
	struct phases phases;
	struct control *control; /* NULL: there is no socket */
	struct memlog memlog;
	struct journal journal;
	struct filequeue files;
	struct loop_source signals, channel;
};

static void dispatch_end(struct supervisor *s, pid_t pid, int status)
{
	struct container *c;

	if (phases_child_ended(&s->phases, pid, status) ||
		control_child_ended(s->control, pid, status))
		return;
	for (size_t i = 0; (c = containers_at(&s->containers, i)); i++)
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
	/*
	 * Bounded, so that children that end in an endless stream do not keep the others waiting.
	 */
	for (int n = 0; n < REAPED_AT_ONCE; n++) {
		if ((pid = waitpid(-1, &status, WNOHANG)) <= 0)
			return;
		dispatch_end(s, pid, status);
	}
	kill(getpid(), SIGCHLD);
}

/* A child of ours has that number by now, so the message is about an earlier process. */
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
		for (size_t i = 0; (c = containers_at(&s->containers, i)); i++)
			container_look(c);
	if (m->kind == CHANNEL_STOP)
		phases_stop(&s->phases);
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
	/* Blocked instead of ignored, which programs that are started would inherit. */
	sigaddset(&mask, SIGPIPE);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	s->signals = (struct loop_source){
		signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK), signals_ready};
	loop_add(s->env.loop, &s->signals, EPOLLIN);
}

static void attach(struct supervisor *s, char **kept)
{
	struct container *c;

	for (size_t i = 0; (c = containers_at(&s->containers, i)); i++)
		container_attach(c, kept_take(kept, "log", c->id), kept_take(kept, "out", c->id));
	/* First what PID 1 has reported since, then what nobody saw. */
	s->channel.ready(&s->channel, 0);
	for (size_t i = 0; (c = containers_at(&s->containers, i)); i++)
		container_attached(c);
}

/*
 * When memory is short others are killed first: PID 1 could start it again, but whatever it does
 * not see meanwhile goes wrong.
 */
static void be_spared(void)
{
	CLEANUP(fd) int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "-1000", 5) < 0)
		return;
}

/* If there is a container memlogd, LinuxKit's logging sockets are its own. */
static void open_sockets(struct supervisor *s, char **kept)
{
	struct werr *err = NULL;

	s->env.memlogd = containers_find(&s->containers, "memlogd") != NULL;
	if (control_open(&s->control, &s->containers, kept, &err) < 0) {
		console_error(&err, "supervisor", "continuing without requests");
		return;
	}
	control_open_port(s->control);
	if (s->env.memlogd)
		return;
	memlog_open(&s->memlog, kept);
	control_open_memlog(s->control, kept);
}

static void set_up(struct supervisor *s, int argc, char **argv)
{
	CLEANUP(free) char *cmdline = cmdline_read();
	CLEANUP(free) char *syslog = cmdline_value(cmdline, "wherry.syslog");
	char **kept = argv + (argc > 1 ? 2 : argc);
	struct werr *err = NULL;

	memlog_init(&s->memlog, &s->env);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	be_spared();
	s->env.loop = loop_new();
	s->env.channel = kept_descriptor(argc > 1 ? argv[1] : NULL);
	filequeue_open(&s->files, s->env.loop, s->env.channel, kept, filewriter_start);
	s->env.files = &s->files;
	journal_open(&s->journal, &s->env, kept);
	s->env.runtime = runtime_find();
	open_signals(s);
	file_make_dirs(RUN_STATE, 0700, NULL);
	env_read(&s->env, cmdline);
	if (syslog && syslog_parse(syslog, &s->env.syslog, &err) < 0)
		console_error(&err, "wherry.syslog", "continuing without it");
	containers_read(&s->containers, &s->env);
	phases_begin(&s->phases, &s->containers, "/");
	open_sockets(s, kept);
	s->channel = (struct loop_source){s->env.channel, channel_ready};
	if (s->channel.fd >= 0)
		loop_add(s->env.loop, &s->channel, EPOLLIN);
	attach(s, kept);
}

/* Milliseconds until something is due; -1: nothing is. */
static int time_left(const struct supervisor *s)
{
	uint64_t next = s->phases.stop_deadline, now = uptime_ms();
	const struct container *c;

	if (s->phases.scripts.deadline && (!next || s->phases.scripts.deadline < next))
		next = s->phases.scripts.deadline;
	for (size_t i = 0; (c = containers_at(&s->containers, i)); i++) {
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
	journal_close(&s->journal);
	memlog_close(&s->memlog);
	control_close(s->control);
	phases_cleanup(&s->phases);
	containers_cleanup(&s->containers);
	while (s->env.n_streams)
		stream_free(s->env.streams[0]);
	free(s->env.streams);
	filequeue_close(&s->files);
	syslog_free(s->env.syslog);
}

int supervisor_main(int argc, char **argv)
{
	struct supervisor s = {.env.channel = -1};
	struct container *c;

	set_up(&s, argc, argv);
	for (phases_proceed(&s.phases); s.phases.now != PHASE_DONE; phases_proceed(&s.phases)) {
		/* After a change, others may begin. */
		int timeout = s.env.changed ? 0 : time_left(&s);
		uint64_t now;

		control_serve(s.control);
		s.env.changed = s.env.fresh = false;
		loop_wait(s.env.loop, timeout);
		now = uptime_ms();
		for (size_t i = 0; (c = containers_at(&s.containers, i)); i++)
			container_tick(c, now);
		scripts_tick(&s.phases.scripts, now);
	}
	tear_down(&s);
	return 0;
}
