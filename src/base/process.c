/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

enum {
	ERRORS_KEPT = 4096, /* bytes from the end of stderr */
	TICK_MS = 100,      /* how late Ctrl-C may be noticed */
};

struct child {
	pid_t pid;
	int in, out, err; /* our ends of its pipes; -1 when closed */
	size_t written;   /* of the input */
	struct buf output, errors;
	size_t line_start; /* in output */
};

void process_result_cleanup(struct process_result *r)
{
	free(r->output);
	free(r->errors);
	*r = (struct process_result){0};
}

char *process_quote(const char *const *argv)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789@%+=:,./-_";
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 20);

	for (size_t i = 0; argv[i]; i++) {
		if (i)
			buf_putc(&b, ' ');
		if (*argv[i] && !argv[i][strspn(argv[i], plain)]) {
			buf_puts(&b, argv[i]);
			continue;
		}
		buf_putc(&b, '\'');
		for (const char *s = argv[i]; *s; s++)
			if (*s == '\'')
				buf_puts(&b, "'\\''");
			else
				buf_putc(&b, *s);
		buf_putc(&b, '\'');
	}
	return buf_steal(&b);
}

/*
 * execvp(3) says EACCES when a folder of PATH may not be looked into, also of a program that is
 * nowhere. Called after fork, so only calls that are safe there.
 */
static bool is_nowhere(const char *name)
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
		errno = is_nowhere(spec->argv[0]) ? ENOENT : EACCES;
failed:
	problem = errno;
	if (write(status_fd, &problem, sizeof(problem)) < 0)
		_exit(126);
	_exit(127);
}

static int open_pipe(int ours_first[2], bool reading, struct werr **err)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		return werr_errno(err, errno, "can't make a pipe");
	ours_first[0] = p[reading ? 0 : 1];
	ours_first[1] = p[reading ? 1 : 0];
	return 0;
}

static void close_all(int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* Start the program; its exec's errno comes back through a pipe that exec closes. */
static int start(const struct process_spec *spec, struct child *c, struct werr **err)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, errs[2] = {-1, -1}, status[2] = {-1, -1};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), problem = 0, r = 0;
	bool collect = spec->output_max || spec->line;

	if (null < 0)
		r = werr_errno(err, errno, "can't open /dev/null");
	if (r == 0 && spec->input)
		r = open_pipe(in, false, err);
	if (r == 0 && collect)
		r = open_pipe(out, true, err);
	if (r == 0 && !spec->show_stderr)
		r = open_pipe(errs, true, err);
	if (r == 0)
		r = open_pipe(status, true, err);
	if (r == 0) {
		const int fds[3] = {spec->input ? in[1] : null, collect ? out[1] : null, errs[1]};

		c->pid = fork();
		if (c->pid == 0)
			run_child(spec, fds, status[1]);
		if (c->pid < 0)
			r = werr_errno(err, errno, "can't start %s", spec->argv[0]);
	}
	close_all((int[]){in[1], out[1], errs[1], status[1], null}, 5);
	if (r == 0 && read(status[0], &problem, sizeof(problem)) == sizeof(problem)) {
		waitpid(c->pid, NULL, 0);
		c->pid = -1;
		r = werr_errno(err, problem, "can't run %s", spec->argv[0]);
	}
	close_all(status, 1);
	if (r < 0) {
		close_all((int[]){in[0], out[0], errs[0]}, 3);
		return r;
	}
	if (in[0] >= 0)
		fcntl(in[0], F_SETFL, O_NONBLOCK);
	c->in = in[0];
	c->out = out[0];
	c->err = errs[0];
	return 0;
}

static void close_end(int *fd)
{
	close(*fd);
	*fd = -1;
}

static void feed(struct child *c, const struct process_spec *spec)
{
	ssize_t n = write(c->in, spec->input + c->written, spec->input_size - c->written);

	if (n > 0)
		c->written += (size_t)n;
	if ((n < 0 && errno != EAGAIN && errno != EINTR) || c->written == spec->input_size)
		close_end(&c->in);
}

static void report_lines(struct child *c, const struct process_spec *spec)
{
	char *newline;

	while (spec->line && c->output.data &&
		(newline = memchr(
			 c->output.data + c->line_start, '\n', c->output.len - c->line_start))) {
		*newline = 0;
		spec->line(c->output.data + c->line_start, spec->line_ctx);
		*newline = '\n';
		c->line_start = (size_t)(newline - c->output.data) + 1;
	}
	/* Lines alone were asked for: forget those that were reported. */
	if (!spec->output_max && c->line_start) {
		memmove(c->output.data, c->output.data + c->line_start,
			c->output.len - c->line_start);
		buf_truncate(&c->output, c->output.len - c->line_start);
		c->line_start = 0;
	}
}

/* A last line need not end with a newline. */
static void report_rest(const struct child *c, const struct process_spec *spec)
{
	if (spec->line && c->line_start < c->output.len)
		spec->line(buf_str(&c->output) + c->line_start, spec->line_ctx);
}

static void take_output(struct child *c, const struct process_spec *spec)
{
	char chunk[4096];
	ssize_t n = read(c->out, chunk, sizeof(chunk));

	if (n > 0) {
		buf_add(&c->output, chunk, (size_t)n);
		report_lines(c, spec);
	} else if (n == 0 || errno != EINTR) {
		close_end(&c->out);
	}
}

static void take_errors(struct child *c)
{
	char chunk[1024];
	ssize_t n = read(c->err, chunk, sizeof(chunk));

	if (n > 0) {
		buf_add(&c->errors, chunk, (size_t)n);
		if (c->errors.len > 2 * ERRORS_KEPT) {
			size_t drop = c->errors.len - ERRORS_KEPT;

			memmove(c->errors.data, c->errors.data + drop, ERRORS_KEPT);
			buf_truncate(&c->errors, ERRORS_KEPT);
		}
	} else if (n == 0 || errno != EINTR) {
		close_end(&c->err);
	}
}

/* Why it has to be ended now, as an error, or 0. */
static int check_limits(
	const struct child *c, const struct process_spec *spec, uint64_t started, struct werr **err)
{
	if (spec->timeout_seconds && clock_ms() - started > (uint64_t)spec->timeout_seconds * 1000)
		return werr_set(err, WERR_TIMEOUT, "%s took more than %u seconds and was ended",
			spec->argv[0], spec->timeout_seconds);
	if (buf_error(&c->output))
		return werr_set(err, WERR_LIMIT, "%s wrote more than was expected", spec->argv[0]);
	return cancel_check(err);
}

/* Until all pipes are closed and the child has ended. */
static int attend(struct child *c, const struct process_spec *spec, int *status, struct werr **err)
{
	uint64_t started = clock_ms();
	bool ended = false;

	while (!ended || c->out >= 0 || c->err >= 0) {
		struct pollfd fds[] = {
			{.fd = c->in, .events = POLLOUT},
			{.fd = c->out, .events = POLLIN},
			{.fd = c->err, .events = POLLIN},
		};
		bool open_pipes = c->out >= 0 || c->err >= 0;
		int r = check_limits(c, spec, started, err);

		if (r < 0)
			return r;
		if (!ended && waitpid(c->pid, status, WNOHANG) == c->pid) {
			ended = true;
			c->pid = -1;
		}
		/* When it has ended, only what is in the pipes: a daemon it left may keep them
		 * open. */
		if (poll(fds, ARRAY_SIZE(fds),
			    ended        ? 0
			    : open_pipes ? TICK_MS
					 : TICK_MS / 10) <= 0) {
			if (ended)
				break;
			continue;
		}
		if (fds[0].revents)
			feed(c, spec);
		if (fds[1].revents)
			take_output(c, spec);
		if (fds[2].revents)
			take_errors(c);
	}
	return 0;
}

static void kill_group(struct child *c)
{
	if (c->pid <= 0)
		return;
	kill(-c->pid, SIGKILL);
	kill(c->pid, SIGKILL);
	waitpid(c->pid, NULL, 0);
	c->pid = -1;
}

int process_run(const struct process_spec *spec, struct process_result *ret, struct werr **err)
{
	struct child c = {.pid = -1, .in = -1, .out = -1, .err = -1};
	CLEANUP(free) char *line = process_quote(spec->argv);
	int status = 0, r;

	log_detail("run %s", line);
	c.output = BUF_INIT(spec->output_max ? spec->output_max : 1 << 20);
	c.errors = BUF_INIT(4 * ERRORS_KEPT);
	r = start(spec, &c, err);
	if (r == 0)
		r = attend(&c, spec, &status, err);
	kill_group(&c);
	close_all((int[]){c.in, c.out, c.err}, 3);
	if (r == 0) {
		report_rest(&c, spec);
		ret->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		ret->output_size = c.output.len;
		ret->output = buf_steal(&c.output);
		ret->errors = buf_steal(&c.errors);
	}
	buf_clear(&c.output);
	buf_clear(&c.errors);
	return r;
}

/* An error's message is one line: "first; second". */
static char *one_line(const char *errors)
{
	CLEANUP(buf) struct buf b = BUF_INIT(8 * ERRORS_KEPT);
	CLEANUP(strv) struct strv lines = {0};
	const char *line;

	strv_split(&lines, errors, '\n');
	STRV_FOREACH (line, &lines) {
		size_t n = strlen(line);

		while (n > 0 && strchr(" \r", line[n - 1]))
			n--;
		if (n > 0 && b.len > 0)
			buf_puts(&b, "; ");
		buf_add(&b, line, n);
	}
	return buf_steal(&b);
}

int process_run_ok(const struct process_spec *spec, struct process_result *ret, struct werr **err)
{
	CLEANUP(process_result) struct process_result mine = {0};
	int r = process_run(spec, &mine, err);

	if (r < 0)
		return r;
	if (mine.exit_code == 0) {
		if (ret) {
			*ret = mine;
			mine = (struct process_result){0};
		}
		return 0;
	}
	CLEANUP(free) char *why = one_line(mine.errors);

	return werr_set(err, WERR_FAILED, "%s failed with exit code %d%s%s", spec->argv[0],
		mine.exit_code, *why ? ": " : "", why);
}
