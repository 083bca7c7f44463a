/* SPDX-License-Identifier: Apache-2.0 */
/* From a process_spec to a running child: its streams, fork and exec. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/process-impl.h"
#include "base/str.h"

/*
 * execvp(3) reports EACCES when it may not search a directory of PATH, even if none of the others
 * has the program. This is called after fork, so only calls that are safe there.
 */
static bool is_missing(const char *name)
{
	const char *dirs = getenv("PATH"), *p = dirs ? dirs : "";
	char path[PATH_MAX];

	if (strchr(name, '/'))
		return false;
	for (;; p++) {
		size_t size = strcspn(p, ":");

		if (str_format(path, sizeof(path), "%.*s/%s", (int)size, p, name) >= 0 &&
			access(path, F_OK) == 0)
			return false;
		p += size;
		if (!*p)
			return true;
	}
}

/* In the child, between fork and exec: only calls that are safe there. */
static ATTR_NORETURN void run_child(
	const struct process_spec *spec, const int fds[3], int status_fd)
{
	sigset_t none;
	int problem;

	/* A group of its own, so that a kill reaches its children as well. */
	if (!spec->foreground)
		setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0 && dup2(fds[i], i) < 0)
			goto failed;
	if (spec->enter && spec->enter(spec->enter_ctx) < 0)
		goto failed;
	if (spec->cwd && chdir(spec->cwd) < 0)
		goto failed;
	if (spec->env)
		environ = (char **)(uintptr_t)spec->env;
	execvp(spec->argv[0], (char **)(uintptr_t)spec->argv);
	if (errno == EACCES)
		errno = is_missing(spec->argv[0]) ? ENOENT : EACCES;
failed:
	problem = errno;
	if (write(status_fd, &problem, sizeof(problem)) < 0)
		_exit(126);
	_exit(127);
}

void process_close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int open_pipe(int *ret_read, int *ret_write, struct werr **err)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		return werr_errno(err, errno, "can't make a pipe");
	*ret_read = p[0];
	*ret_write = p[1];
	return 0;
}

static int open_null(int *ret, struct werr **err)
{
	*ret = open("/dev/null", O_RDWR | O_CLOEXEC);
	return *ret < 0 ? werr_errno(err, errno, "can't open /dev/null") : 0;
}

/* What the child gets as stdin, stdout and stderr; -1 leaves it ours. */
static int open_streams(
	const struct process_spec *spec, struct process_child *c, int theirs[3], struct werr **err)
{
	int r;

	if (spec->foreground)
		return 0;
	r = spec->input ? open_pipe(&theirs[0], &c->in, err) : open_null(&theirs[0], err);
	if (r == 0)
		r = spec->output_max || spec->line ? open_pipe(&c->out, &theirs[1], err)
						   : open_null(&theirs[1], err);
	if (r == 0 && !spec->show_stderr)
		r = open_pipe(&c->err, &theirs[2], err);
	if (c->in >= 0)
		fcntl(c->in, F_SETFL, O_NONBLOCK);
	return r;
}

/* The errno of what failed before the program ran, from the pipe that exec closes; 0: it runs. */
static int read_status(int fd)
{
	int problem = 0;
	ssize_t n;

	do
		n = read(fd, &problem, sizeof(problem));
	while (n < 0 && errno == EINTR);
	return n == sizeof(problem) ? problem : 0;
}

static int run_program(const struct process_spec *spec, struct process_child *c,
	const int theirs[3], struct werr **err)
{
	int status[2], problem;

	if (pipe2(status, O_CLOEXEC) < 0)
		return werr_errno(err, errno, "can't make a pipe");
	c->pid = fork();
	if (c->pid == 0)
		run_child(spec, theirs, status[1]);
	problem = c->pid < 0 ? errno : 0;
	close(status[1]);
	if (c->pid < 0) {
		close(status[0]);
		return werr_errno(err, problem, "can't start %s", spec->argv[0]);
	}
	problem = read_status(status[0]);
	close(status[0]);
	if (!problem)
		return 0;
	waitpid(c->pid, NULL, 0);
	c->pid = -1;
	return werr_errno(err, problem, "can't run %s", spec->argv[0]);
}

int process_start(const struct process_spec *spec, struct process_child *c, struct werr **err)
{
	int theirs[3] = {-1, -1, -1};
	int r = open_streams(spec, c, theirs, err);

	if (r == 0)
		r = run_program(spec, c, theirs, err);
	process_close_all(theirs, ARRAY_SIZE(theirs));
	return r;
}
