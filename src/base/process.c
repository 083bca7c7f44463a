/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process-impl.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum {
	ERRORS_KEPT = 4096, /* bytes from the end of stderr */
	/* How late Ctrl-C may be noticed, and the end of a program with and without pipes. */
	TICK_MS = 100,
	TICK_FOREGROUND_MS = 50,
	TICK_NO_PIPES_MS = 10,
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

static void close_end(int *fd)
{
	close(*fd);
	*fd = -1;
}

static void feed(struct process_child *c, const struct process_spec *spec)
{
	ssize_t n = write(c->in, spec->input + c->written, spec->input_size - c->written);

	if (n > 0)
		c->written += (size_t)n;
	if ((n < 0 && errno != EAGAIN && errno != EINTR) || c->written == spec->input_size)
		close_end(&c->in);
}

static void report_lines(struct process_child *c, const struct process_spec *spec)
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
	/* Only lines were asked for: forget those that were reported. */
	if (!spec->output_max && c->line_start) {
		memmove(c->output.data, c->output.data + c->line_start,
			c->output.len - c->line_start);
		buf_truncate(&c->output, c->output.len - c->line_start);
		c->line_start = 0;
	}
}

/* A last line need not end with a newline. */
static void report_rest(const struct process_child *c, const struct process_spec *spec)
{
	if (spec->line && c->line_start < c->output.len)
		spec->line(buf_str(&c->output) + c->line_start, spec->line_ctx);
}

static void take_output(struct process_child *c, const struct process_spec *spec)
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

static void take_errors(struct process_child *c)
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

/* The reason to end it now, as an error, or 0. */
static int check_limits(const struct process_child *c, const struct process_spec *spec,
	uint64_t started, struct werr **err)
{
	if (spec->timeout_seconds && clock_ms() - started > (uint64_t)spec->timeout_seconds * 1000)
		return werr_set(err, WERR_TIMEOUT, "%s took more than %u seconds and was killed",
			spec->argv[0], spec->timeout_seconds);
	if (buf_error(&c->output))
		return werr_set(err, WERR_LIMIT, "%s wrote more than expected", spec->argv[0]);
	return spec->tidies_up ? 0 : cancel_check(err);
}

/* How long to wait for something to happen. */
static int patience_ms(const struct process_child *c, const struct process_spec *spec, bool ended)
{
	/* Only what is in the pipes already: a daemon that it left behind may keep them open. */
	if (ended)
		return 0;
	if (c->out >= 0 || c->err >= 0)
		return TICK_MS;
	return spec->foreground ? TICK_FOREGROUND_MS : TICK_NO_PIPES_MS;
}

/* Until all pipes are closed and the child has ended. */
static int attend(
	struct process_child *c, const struct process_spec *spec, int *status, struct werr **err)
{
	uint64_t started = clock_ms();
	bool ended = false;

	while (!ended || c->out >= 0 || c->err >= 0) {
		struct pollfd fds[] = {
			{.fd = c->in, .events = POLLOUT},
			{.fd = c->out, .events = POLLIN},
			{.fd = c->err, .events = POLLIN},
		};
		int r = check_limits(c, spec, started, err);

		if (r < 0)
			return r;
		if (!ended && spec->is_over && spec->is_over(spec->is_over_ctx))
			kill(c->pid, SIGTERM);
		if (!ended && waitpid(c->pid, status, WNOHANG) == c->pid) {
			ended = true;
			c->pid = -1;
		}
		if (poll(fds, ARRAY_SIZE(fds), patience_ms(c, spec, ended)) <= 0) {
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
	/* A terminal's Ctrl-C reaches both processes, and has ended the program then. */
	return spec->foreground ? cancel_check(err) : 0;
}

/* Ask it to end, and give it time to. */
static void end_gently(struct process_child *c)
{
	uint64_t until = clock_ms() + PROCESS_PATIENCE_MS;

	if (c->pid > 0)
		kill(c->pid, SIGTERM);
	while (c->pid > 0 && clock_ms() < until) {
		if (waitpid(c->pid, NULL, WNOHANG) == c->pid)
			c->pid = -1;
		else
			poll(NULL, 0, TICK_FOREGROUND_MS);
	}
}

static void kill_group(struct process_child *c)
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
	struct process_child c = {.pid = -1, .in = -1, .out = -1, .err = -1};
	CLEANUP(free) char *line = process_quote(spec->argv);
	int status = 0, r;

	log_detail("run %s", line);
	c.output = BUF_INIT(spec->output_max ? spec->output_max : 1 << 20);
	c.errors = BUF_INIT(4 * ERRORS_KEPT);
	r = process_start(spec, &c, err);
	if (r == 0)
		r = attend(&c, spec, &status, err);
	if (spec->foreground)
		end_gently(&c);
	kill_group(&c);
	process_close_all((int[]){c.in, c.out, c.err}, 3);
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

/* ---- the environment ---- */

void process_env_pick(struct strv *env, const char *const *names)
{
	for (; *names; names++) {
		const char *value = getenv(*names);

		if (value)
			strv_addf(env, "%s=%s", *names, value);
	}
}

void process_env_base(struct strv *env)
{
	static const char *const names[] = {"HOME", "USER", "TMPDIR", NULL};
	const char *path = getenv("PATH");

	/* depmod and others are in sbin, which an ordinary user's PATH does not have. */
	strv_addf(env, "PATH=%s:" DEFAULT_PATH, path && *path ? path : DEFAULT_PATH);
	strv_add(env, "LC_ALL=C");
	strv_add(env, "LANGUAGE=");
	process_env_pick(env, names);
}
