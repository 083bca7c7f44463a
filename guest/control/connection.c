/* SPDX-License-Identifier: Apache-2.0 */
#include "control/connection.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "control/answer.h"
#include "run/runtime.h"
#include "run/toolbox.h"

enum { OUT_FULL = 32 * 1024 };
/* The byte by which memlogd's clients ask. */
enum { MEMLOG_DUMP, MEMLOG_FOLLOW, MEMLOG_DUMP_FOLLOW };

static void ready(struct loop_source *source, uint32_t events);

struct connection *connection_new(
	struct containers *containers, int fd, enum connection_protocol protocol)
{
	struct connection *c = mem_new(struct connection);

	*c = (struct connection){.containers = containers,
		.source = {fd, ready},
		.protocol = protocol,
		.in = BUF_INIT(REQUEST_MAX),
		.out = BUF_INIT(REQUEST_ANSWER_MAX)};
	if (loop_add(containers->env->loop, &c->source, EPOLLIN) < 0)
		c->step = CONNECTION_OVER;
	return c;
}

void connection_free(struct connection *c)
{
	loop_close(c->containers->env->loop, &c->source);
	if (c->program)
		kill(c->program, SIGHUP);
	for (size_t i = 0; i < c->n_fds; i++)
		close(c->fds[i]);
	buf_clear(&c->in);
	buf_clear(&c->out);
	request_free(c->request);
	lines_end(&c->lines);
	free(c);
}

static void fail(struct connection *c, const char *message)
{
	answer_error(&c->out, message);
	c->step = CONNECTION_WRITES;
}

static void fail_with(struct connection *c, struct werr *err)
{
	fail(c, err->message);
	werr_free(err);
}

/*
 * Answer once the container has reached the state that the client waits for, or can't reach it any
 * more. A client that asked for a start is told about the first failure; one that only waits is
 * not, as long as the container is started again.
 */
static void look_at_target(struct connection *c)
{
	const struct container *t = c->target;
	enum life_state state = t->record.state;
	bool wants_ready = !str_eq(c->request->state ? c->request->state : "ready", "stopped");
	bool reached =
		wants_ready ? state == LIFE_READY || state == LIFE_DONE : life_is_over(state);
	/* It will not become ready by itself. */
	bool lost = wants_ready &&
		    (state == LIFE_FAILED || state == LIFE_STOPPED || c->containers->env->stopping);

	if (reached) {
		answer_state(&c->out, c->containers, t);
		c->step = CONNECTION_WRITES;
	} else if (lost || (c->request->verb != REQUEST_WAIT && state == LIFE_BACKOFF)) {
		CLEANUP(free) char *last = stream_last(t->stream, 3);
		CLEANUP(free)
		char *message = str_printf("%s is %s%s%s", t->name, life_state_name(state),
			*last ? "; its last output: " : "", last);

		fail(c, message);
	}
}

static void do_start(struct connection *c)
{
	if (c->containers->env->stopping)
		fail(c, "the machine is being stopped");
	else if (!container_event(c->target, LIFE_BEGIN) && !life_is_up(c->target->record.state) &&
		 c->target->record.state > LIFE_RUNNING)
		fail(c, "it is being stopped");
	else
		c->step = CONNECTION_WAITS;
}

static void do_stop(struct connection *c)
{
	str_replace(&c->request->state, "stopped");
	container_event(c->target, LIFE_STOP);
	c->step = CONNECTION_WAITS;
}

static void do_restart(struct connection *c)
{
	if (container_restart(c->target))
		c->step = CONNECTION_WAITS;
	else
		do_start(c);
}

static void do_wait(struct connection *c)
{
	c->step = CONNECTION_WAITS;
}

static void do_list(struct connection *c)
{
	answer_list(&c->out, c->containers);
	c->step = CONNECTION_WRITES;
}

static void do_status(struct connection *c)
{
	answer_status(&c->out, c->containers, c->target);
	c->step = CONNECTION_WRITES;
}

static void do_boot(struct connection *c)
{
	answer_boot(&c->out, c->containers);
	c->step = CONNECTION_WRITES;
}

static void do_logs(struct connection *c)
{
	const struct request *r = c->request;
	const char *name = c->target ? c->target->name : r->name;

	lines_begin(&c->lines, c->containers->env, name, r->lines);
	c->step = r->follow ? CONNECTION_FOLLOWS : CONNECTION_LISTS;
}

/* Run a command on the client's stdin, stdout and stderr. third: its descriptor 3, or -1. */
static void run_in_target(struct connection *c, const struct strv *command, int third)
{
	c->program = runtime_exec_on(c->containers->env->runtime, c->target->id, command, c->fds,
		third, c->request->terminal);
	if (c->program <= 0) {
		c->program = 0;
		fail(c, "the runtime can't be started");
		return;
	}
	for (size_t i = 0; i < c->n_fds; i++)
		close(c->fds[i]);
	c->n_fds = 0;
	c->step = CONNECTION_RUNS;
}

/* False: nothing can run in the target for this client, which was told so. */
static bool can_run(struct connection *c)
{
	if (c->n_fds != PASSFD_MAX) {
		fail(c, "the descriptors for its input and output are missing");
		return false;
	}
	if (!life_is_up(c->target->record.state)) {
		CLEANUP(free)
		char *message = str_printf("%s is %s, so there is nothing to enter; its files are "
					   "in %s",
			c->target->name, life_state_name(c->target->record.state),
			c->target->bundle);

		fail(c, c->request->verb == REQUEST_EXEC ? "it is not running" : message);
		return false;
	}
	return true;
}

static void do_exec(struct connection *c)
{
	if (can_run(c))
		run_in_target(c, &c->request->argv, -1);
}

static void do_debug(struct connection *c)
{
	CLEANUP(strv) struct strv command = {0};
	CLEANUP(fd) int tools = -1;
	struct werr *err = NULL;

	if (!can_run(c))
		return;
	tools = toolbox_open(&err);
	if (tools < 0) {
		fail_with(c, err);
		return;
	}
	toolbox_command(&command, &c->request->argv);
	run_in_target(c, &command, tools);
}

static void (*const verbs[])(struct connection *c) = {
	[REQUEST_LIST] = do_list,
	[REQUEST_BOOT] = do_boot,
	[REQUEST_STATUS] = do_status,
	[REQUEST_START] = do_start,
	[REQUEST_STOP] = do_stop,
	[REQUEST_RESTART] = do_restart,
	[REQUEST_WAIT] = do_wait,
	[REQUEST_LOGS] = do_logs,
	[REQUEST_EXEC] = do_exec,
	[REQUEST_DEBUG] = do_debug,
};

static void handle_request(struct connection *c, size_t size)
{
	struct werr *err = NULL;

	if (request_parse(c->in.data, size, &c->request, &err) < 0) {
		fail_with(c, err);
		return;
	}
	if (c->request->name) {
		c->target = containers_find(c->containers, c->request->name);
		if (!c->target && !(c->request->verb == REQUEST_LOGS &&
					  lines_exist(c->containers->env, c->request->name))) {
			CLEANUP(free)
			char *message = str_printf("there is no container %s", c->request->name);

			fail(c, message);
			return;
		}
	}
	verbs[c->request->verb](c);
}

static void handle_query(struct connection *c)
{
	unsigned char mode = (unsigned char)c->in.data[0];

	lines_begin(
		&c->lines, c->containers->env, NULL, mode == MEMLOG_FOLLOW ? 0 : REQUEST_LINES_MAX);
	c->step = mode == MEMLOG_DUMP ? CONNECTION_LISTS : CONNECTION_FOLLOWS;
}

static void read_request(struct connection *c)
{
	char chunk[4096];
	int fds[PASSFD_MAX];
	size_t n_fds;
	ssize_t n = passfd_receive(c->source.fd, chunk, sizeof(chunk), fds, &n_fds);
	const char *end;

	for (size_t i = 0; i < n_fds; i++)
		if (c->n_fds < PASSFD_MAX)
			c->fds[c->n_fds++] = fds[i];
		else
			close(fds[i]);
	if (n == -EAGAIN)
		return;
	if (n <= 0) {
		c->step = CONNECTION_OVER;
		return;
	}
	/*
	 * Input while a program runs means that the terminal was resized; on SIGWINCH the runtime
	 * reads its new size.
	 */
	if (c->step == CONNECTION_RUNS && c->program)
		kill(c->program, SIGWINCH);
	if (c->step != CONNECTION_READS)
		return;
	buf_add(&c->in, chunk, (size_t)n);
	if (buf_error(&c->in) < 0)
		fail(c, "a request is a line of at most 16 KiB");
	else if (c->protocol == CONNECTION_MEMLOG)
		handle_query(c);
	else if ((end = memchr(c->in.data, '\n', c->in.len)))
		handle_request(c, (size_t)(end - c->in.data));
}

/*
 * Do not wait for a client that does not read: lines that are overwritten meanwhile are lost to it.
 */
static void fill(struct connection *c)
{
	struct ring_line line;
	const char *name;

	while (c->out.len - c->sent < OUT_FULL && lines_next(&c->lines, &line, &name))
		answer_line(&c->out, name, &line);
	if (c->step == CONNECTION_LISTS && c->out.len == c->sent)
		c->step = CONNECTION_WRITES;
}

static void write_out(struct connection *c)
{
	while (c->sent < c->out.len) {
		ssize_t n = send(c->source.fd, c->out.data + c->sent, c->out.len - c->sent,
			MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			c->step = CONNECTION_OVER;
			return;
		}
		c->sent += (size_t)n;
	}
	buf_truncate(&c->out, 0);
	c->sent = 0;
	if (c->step == CONNECTION_WRITES)
		c->step = CONNECTION_OVER;
}

void connection_serve(struct connection *c)
{
	bool lists = c->step == CONNECTION_LISTS || c->step == CONNECTION_FOLLOWS;

	if (c->step == CONNECTION_WAITS)
		look_at_target(c);
	do {
		if (lists)
			fill(c);
		write_out(c);
	} while (lists && c->step == CONNECTION_LISTS && !c->out.len);
	if (c->source.fd >= 0)
		loop_change(c->containers->env->loop, &c->source,
			c->out.len ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void connection_program_ended(struct connection *c, int status)
{
	c->program = 0;
	answer_exit(&c->out, status);
	c->step = CONNECTION_WRITES;
}

static void ready(struct loop_source *source, uint32_t events)
{
	struct connection *c = CONTAINER_OF(source, struct connection, source);

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_request(c);
}
