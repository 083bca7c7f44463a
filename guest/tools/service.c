/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/service.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/client.h"
#include "common/passfd.h"
#include "common/paths.h"
#include "common/socket.h"
#include "common/uptime.h"
#include "data/terminal-mode.h"
#include "tools/args.h"

enum { CHUNK = 8192, HELP_MAX = 64 << 10 };

struct link {
	struct client_transport transport;
	int sock;      /* -1: not connected */
	struct buf in; /* one answer, and the beginning of the next */
	size_t taken;  /* bytes of in: lines already returned */
	int resized;   /* exec: readable when the terminal was resized; -1: not watched */
};

static void hang_up(struct link *l)
{
	fd_cleanup(&l->sock);
	l->sock = -1;
	buf_clear(&l->in);
	l->taken = 0;
}

static int send_request(
	struct link *l, const struct request *r, const int *fds, size_t n_fds, struct werr **err)
{
	CLEANUP(free) char *line = request_format(r);
	ssize_t n;

	hang_up(l);
	if (!line)
		return werr_set(err, WERR_LIMIT, "the request is too long");
	l->sock = socket_connect(RUN_SOCKET, SOCK_STREAM);
	if (l->sock < 0)
		return werr_errno(err, -l->sock, "can't reach the supervisor at %s", RUN_SOCKET);
	n = passfd_send(l->sock, line, strlen(line), fds, n_fds);
	return n == (ssize_t)strlen(line) ? 0
					  : werr_set(err, WERR_FAILED, "can't send the request");
}

static int ask(struct client_transport *t, const struct request *r, struct werr **err)
{
	return send_request(CONTAINER_OF(t, struct link, transport), r, NULL, 0, err);
}

/*
 * The program runs on a terminal of its own; an empty line makes it take over the size of this one.
 */
static void tell_size(struct link *l)
{
	if (terminal_was_resized(l->resized))
		send(l->sock, "\n", 1, MSG_NOSIGNAL);
}

/* A complete line that was received already; NULL: none. */
static const char *buffered_line(struct link *l)
{
	char *start = l->in.data ? l->in.data + l->taken : NULL;
	char *end = start ? memchr(start, '\n', l->in.len - l->taken) : NULL;
	size_t rest;

	if (end) {
		*end = 0;
		l->taken = (size_t)(end - l->in.data) + 1;
		return start;
	}
	if (l->taken) {
		rest = l->in.len - l->taken;
		memmove(l->in.data, start, rest);
		buf_truncate(&l->in, rest);
		l->taken = 0;
	}
	return NULL;
}

/* Wait for more of the answer. 1: there is some; 0: it is at its end. */
static int receive(struct link *l, uint64_t deadline, struct werr **err)
{
	uint64_t now = uptime_ms();
	struct pollfd fds[] = {
		{.fd = l->sock, .events = POLLIN}, {.fd = l->resized, .events = POLLIN}};
	int left = !deadline ? -1 : deadline > now ? (int)(deadline - now) : 0;
	char chunk[CHUNK];
	ssize_t n;

	if (poll(fds, ARRAY_SIZE(fds), left) == 0)
		return werr_set(err, WERR_TIMEOUT, "it took too long");
	if (fds[1].revents)
		tell_size(l);
	if (!fds[0].revents)
		return 1;
	n = read(l->sock, chunk, sizeof(chunk));
	if (n > 0)
		buf_add(&l->in, chunk, (size_t)n);
	return n > 0;
}

static int next(struct client_transport *t, int left, const char **ret, struct werr **err)
{
	struct link *l = CONTAINER_OF(t, struct link, transport);
	uint64_t deadline = left < 0 ? 0 : uptime_ms() + (uint64_t)left;
	int r = 1;

	while (!(*ret = buffered_line(l)) && r > 0)
		r = receive(l, deadline, err);
	return r < 0 ? r : 0;
}

/* The only line of the answer to a program that was run. */
static int read_exit(struct link *l, int *ret_code, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	uint64_t code = 1;
	int r = client_answer(&l->transport, -1, &d, NULL, err);

	if (r == 0 && node_get(d->root, "exit"))
		node_to_u64(node_get(d->root, "exit"), &code);
	*ret_code = (int)code;
	return r;
}

static int run(struct client_transport *t, struct request *q, int *ret_code, struct werr **err)
{
	static const int stdio[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
	struct link *l = CONTAINER_OF(t, struct link, transport);
	struct terminal_mode mode = {0};
	int r;

	q->terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (q->terminal) {
		terminal_mode_save(&mode);
		l->resized = terminal_watch_size();
	}
	/* Ctrl-C is meant for the program; from a terminal it arrives there as a byte. */
	signal(SIGINT, SIG_IGN);
	r = send_request(l, q, stdio, ARRAY_SIZE(stdio), err);
	if (r == 0)
		r = read_exit(l, ret_code, err);
	terminal_mode_restore(&mode);
	return r;
}

static int help(const struct client_verb *verb, int out)
{
	CLEANUP(buf) struct buf text = BUF_INIT(HELP_MAX);

	client_help(&text, "service", verb);
	(void)fd_write_all(out, buf_str(&text), text.len);
	return out == STDOUT_FILENO ? 0 : 2;
}

int service_main(int argc, char **argv)
{
	struct link l = {.transport = {ask, next, run},
		.sock = -1,
		.in = BUF_INIT(REQUEST_ANSWER_MAX + CHUNK),
		.resized = -1};
	CLEANUP(client_call) struct client_call call = {0};
	CLEANUP(werr) struct werr *err = NULL;
	int code = 0, r;

	if (argc < 2)
		return help(NULL, STDERR_FILENO);
	r = client_parse(&call, "service", (const char *const *)argv + 1, &err);
	if (r == 0 && call.options.help)
		return help(call.verb, STDOUT_FILENO);
	if (r == 0)
		r = client_run(&call, &l.transport, STDOUT_FILENO, &code, &err);
	hang_up(&l);
	if (r < 0)
		return err ? args_report("service", err) : 1;
	return code;
}
