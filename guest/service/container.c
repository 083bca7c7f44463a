/* SPDX-License-Identifier: Apache-2.0 */
#include "service/container.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "common/console.h"
#include "common/spawn.h"
#include "service/cgroup.h"
#include "service/prepare.h"
#include "service/report.h"
#include "service/runtime.h"

enum {
	LIMIT_GRACE_SECONDS = 2,
	GIVE_UP_SECONDS = 5,
	OUTPUT_CHUNK = 16 * 1024,
	OUTPUT_CHUNKS_AT_ONCE = 16,
	CONSOLE_LINE_MAX = 500
};

static const char *const log_dirs[] = {
	[CONTAINER_ONBOOT] = "/run/log/onboot",
	[CONTAINER_SERVICE] = "/var/log",
	[CONTAINER_ONSHUTDOWN] = "/run/log/onshutdown",
};

static const char *const folders[] = {
	[CONTAINER_ONBOOT] = "/containers/onboot",
	[CONTAINER_SERVICE] = "/containers/services",
	[CONTAINER_ONSHUTDOWN] = "/containers/onshutdown",
};

/* "000-dhcp" is "dhcp"; services have no number. */
static const char *without_number(enum container_kind kind, const char *folder)
{
	size_t digits = strspn(folder, "0123456789");

	if (kind == CONTAINER_SERVICE || !digits || folder[digits] != '-' || !folder[digits + 1])
		return folder;
	return folder + digits + 1;
}

struct container *container_new(enum container_kind kind, const char *folder)
{
	struct container *c = mem_new(struct container);

	c->kind = kind;
	c->id = str_dup(folder);
	c->name = str_dup(without_number(kind, folder));
	c->bundle = path_join(folders[kind], folder);
	c->output = -1;
	c->log.fd = -1;
	c->line = BUF_INIT(CONSOLE_LINE_MAX);
	return c;
}

void container_free(struct container *c)
{
	if (!c)
		return;
	free(c->id);
	free(c->name);
	free(c->bundle);
	free(c->cgroup);
	runtime_spec_free(c->spec);
	service_log_close(&c->log);
	buf_clear(&c->line);
	fd_cleanup(&c->output);
	free(c);
}

static void close_output(struct container *c)
{
	container_read_output(c);
	report_rest(c);
	fd_cleanup(&c->output);
	c->output = -1;
}

static void ended(struct container *c)
{
	c->state = CONTAINER_ENDED;
	c->pid = 0;
	close_output(c);
	service_log_close(&c->log);
}

/* It never came to run. */
static void broken(struct container *c, struct werr *err)
{
	bool made = c->state != CONTAINER_WAITING;

	close_output(c);
	report_broken(c, err);
	werr_free(err);
	ended(c);
	if (made)
		runtime_forget(c->runtime_path, c->id);
}

static int open_output(struct container *c, int *ret_write_end, struct werr **err)
{
	CLEANUP(free) char *name = str_printf("%s.log", c->name);
	CLEANUP(free) char *path = path_join(log_dirs[c->kind], name);
	struct werr *log_err = NULL;
	int ends[2];

	/* A log that can't be written is no reason not to start. */
	file_make_dirs(log_dirs[c->kind], 0755, NULL);
	if (service_log_open(&c->log, path, SERVICE_LOG_MAX, &log_err) < 0)
		console_error(&log_err, c->name, "goes on without a log");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return werr_errno(err, errno, "can't make a pipe");
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	c->output = ends[0];
	*ret_write_end = ends[1];
	return 0;
}

static int begin(struct container *c, struct werr **err)
{
	CLEANUP(free) char *spec_path = path_join(c->bundle, "runtime.json");
	CLEANUP(fd) int write_end = -1;
	int r = runtime_spec_read(spec_path, &c->spec, err);

	if (r == 0)
		r = prepare_container(c->spec, err);
	if (r == 0)
		r = open_output(c, &write_end, err);
	if (r == 0)
		r = runtime_create(c->runtime_path, c->bundle, c->id,
			prepare_has_namespaces(c->spec), write_end, &c->runtime, err);
	return r;
}

void container_begin(struct container *c)
{
	struct werr *err = NULL;

	c->began = console_seconds();
	if (begin(c, &err) < 0)
		broken(c, err);
	else
		c->state = CONTAINER_CREATING;
}

/*
 * The first process of a PID namespace is sent no signal that it has no handler for, so waiting for SIGTERM to work would be
 * in vain. /proc/PID/status has masks of the signals that are blocked (to be read later) and caught.
 */
static bool hears_sigterm(pid_t pid)
{
	CLEANUP(free) char *path = str_printf("/proc/%d/status", (int)pid);
	CLEANUP(free) char *text = NULL;
	CLEANUP(strv) struct strv lines = {0};
	uint64_t heard = 0, mask;
	bool first = false;
	const char *line;
	size_t size;

	if (file_read(path, 64 * 1024, &text, &size, NULL) < 0)
		return true;
	strv_split(&lines, text, '\n');
	STRV_FOREACH (line, &lines) {
		if (str_after(line, "NSpid:"))
			first = str_ends_with(line, "\t1");
		else if (str_after(line, "SigBlk:\t") || str_after(line, "SigCgt:\t"))
			heard |= str_to_u64(line + strlen("SigBlk:\t"), 16, &mask) == 0 ? mask : 0;
	}
	return !first || (heard & (UINT64_C(1) << (SIGTERM - 1)));
}

static void send(struct container *c, int signal)
{
	c->stop_signal = signal;
	if (c->runtime && signal == SIGKILL)
		kill(c->runtime, signal);
	if (c->pid && !c->pid_ended)
		kill(c->pid, signal);
}

static void ask_to_end(struct container *c)
{
	c->deaf = c->pid && !hears_sigterm(c->pid);
	send(c, c->deaf ? SIGKILL : SIGTERM);
}

static void process_ended(struct container *c, int status)
{
	/* In a PID namespace of its own nobody is left; in the host's there may be. */
	if (c->cgroup)
		cgroup_kill(c->cgroup);
	close_output(c);
	report_ended(c, status);
	ended(c);
	/* When all is stopped, what the runtime keeps goes with the machine. */
	if (c->stop != CONTAINER_STOP_ASKED)
		runtime_forget(c->runtime_path, c->id);
}

static void running(struct container *c)
{
	c->state = CONTAINER_RUNNING;
	c->cgroup = cgroup_of(c->pid, c->id);
	report_started(c);
	if (c->pid_ended)
		process_ended(c, c->pid_status);
	else if (c->stop != CONTAINER_NOT_STOPPED)
		ask_to_end(c);
}

static int start_with_namespaces(struct container *c, struct werr **err)
{
	int r = prepare_bind_namespaces(c->spec, c->pid, err);

	if (r == 0)
		r = runtime_start(c->runtime_path, c->id, &c->runtime, err);
	if (r == 0)
		c->state = CONTAINER_STARTING;
	return r;
}

static void runtime_ended(struct container *c, int status)
{
	CLEANUP(free) char *runtime = path_base(c->runtime_path);
	struct werr *err = NULL;
	char how[64];
	int r = 0;

	c->runtime = 0;
	if (!c->pid)
		c->pid = runtime_read_pid(c->id);
	if (status != 0)
		r = werr_set(&err, WERR_FAILED, "%s ended with %s", runtime,
			spawn_status(how, sizeof(how), status));
	else if (!c->pid)
		r = werr_set(&err, WERR_FAILED, "%s did not say which process it started", runtime);
	else if (c->state == CONTAINER_CREATING && prepare_has_namespaces(c->spec))
		r = start_with_namespaces(c, &err);
	else
		running(c);
	if (r < 0)
		broken(c, err);
}

bool container_child_ended(struct container *c, pid_t pid, int status)
{
	if (pid == c->runtime) {
		runtime_ended(c, status);
		return true;
	}
	if (!c->pid && c->runtime)
		c->pid = runtime_read_pid(c->id);
	if (pid != c->pid)
		return false;
	if (c->state == CONTAINER_RUNNING) {
		process_ended(c, status);
	} else {
		/* The runtime is still to tell how it went. */
		c->pid_ended = true;
		c->pid_status = status;
	}
	return true;
}

/* Bounded, so that one that writes without end does not keep the supervisor from the others. */
void container_read_output(struct container *c)
{
	char chunk[OUTPUT_CHUNK];

	for (int i = 0; c->output >= 0 && i < OUTPUT_CHUNKS_AT_ONCE; i++) {
		ssize_t n = read(c->output, chunk, sizeof(chunk));

		if (n < 0)
			return;
		if (n == 0) {
			fd_cleanup(&c->output);
			c->output = -1;
			return;
		}
		service_log_add(&c->log, chunk, (size_t)n);
		if (c->to_console)
			report_output(c, chunk, (size_t)n);
	}
}

void container_end(struct container *c, enum container_stop why, double grace)
{
	if (c->stop != CONTAINER_NOT_STOPPED || c->state == CONTAINER_WAITING ||
		c->state == CONTAINER_ENDED)
		return;
	c->stop = why;
	c->stop_began = console_seconds();
	c->stop_next = c->stop_began + grace;
	ask_to_end(c);
}

double container_deadline(const struct container *c)
{
	if (c->state == CONTAINER_WAITING || c->state == CONTAINER_ENDED)
		return 0;
	if (c->stop != CONTAINER_NOT_STOPPED)
		return c->stop_next;
	/* A service may run for ever, but the runtime must come to its end. */
	if (c->kind == CONTAINER_SERVICE && c->state == CONTAINER_RUNNING)
		return 0;
	return c->limit ? c->began + c->limit : 0;
}

void container_tick(struct container *c)
{
	double deadline = container_deadline(c);

	if (deadline <= 0 || console_seconds() < deadline)
		return;
	if (c->stop == CONTAINER_NOT_STOPPED) {
		container_end(c, CONTAINER_STOP_LIMIT, LIMIT_GRACE_SECONDS);
	} else if (c->stop_signal != SIGKILL) {
		send(c, SIGKILL);
		c->stop_next = console_seconds() + GIVE_UP_SECONDS;
	} else {
		report_given_up(c);
		ended(c);
	}
}
