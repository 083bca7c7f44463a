/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/service.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "common/passfd.h"
#include "common/paths.h"
#include "common/socket.h"
#include "common/uptime.h"
#include "control/request.h"
#include "data/json.h"

enum { TOP_MS = 2000, CHUNK = 8192 };

struct call {
	struct request request;
	bool json, svg;
	uint64_t timeout; /* ms; 0: none */
	int sock;
	struct buf in; /* one answer, and the beginning of the next */
	size_t taken;  /* bytes of in: lines already returned */
	uint64_t deadline;
	int resized; /* exec: readable when the terminal was resized; -1: not watched */
};

static int fail(const char *text)
{
	CLEANUP(free) char *line = str_printf("service: %s\n", text);

	service_print(stderr, line);
	return 1;
}

static int open_socket(struct call *c)
{
	c->sock = socket_connect(RUN_SOCKET, SOCK_STREAM);
	if (c->sock < 0)
		fprintf(stderr, "service: can't reach the supervisor at %s: %s\n", RUN_SOCKET,
			strerror(-c->sock));
	return c->sock < 0;
}

static int ask(struct call *c, const int *fds, size_t n_fds)
{
	CLEANUP(free) char *line = request_format(&c->request);

	if (!line)
		return fail("the request is too long");
	if (open_socket(c))
		return 1;
	c->deadline = c->timeout ? uptime_ms() + c->timeout : 0;
	return passfd_send(c->sock, line, strlen(line), fds, n_fds) == (ssize_t)strlen(line)
		       ? 0
		       : fail("can't send the request");
}

/*
 * The program runs on a terminal of its own; an empty line makes it take over the size of this one.
 */
static void tell_size(struct call *c)
{
	struct signalfd_siginfo info;

	if (read(c->resized, &info, sizeof(info)) == sizeof(info))
		send(c->sock, "\n", 1, MSG_NOSIGNAL);
}

/*
 * The next line of the answer, without its newline; NULL at the end or at the time limit. Valid
 * until the next call.
 */
static const char *next_line(struct call *c)
{
	for (;;) {
		char *start = c->in.data ? c->in.data + c->taken : NULL;
		char *end = start ? memchr(start, '\n', c->in.len - c->taken) : NULL;
		struct pollfd fds[] = {
			{.fd = c->sock, .events = POLLIN}, {.fd = c->resized, .events = POLLIN}};
		uint64_t now = uptime_ms();
		char chunk[CHUNK];
		ssize_t n;
		int left;

		if (end) {
			*end = 0;
			c->taken = (size_t)(end - c->in.data) + 1;
			return start;
		}
		if (c->taken) {
			CLEANUP(free) char *rest = mem_dup(start, c->in.len - c->taken);

			n = (ssize_t)(c->in.len - c->taken);
			buf_truncate(&c->in, 0);
			buf_add(&c->in, rest, (size_t)n);
			c->taken = 0;
		}
		left = !c->deadline ? -1 : c->deadline > now ? (int)(c->deadline - now) : 0;
		if (poll(fds, ARRAY_SIZE(fds), left) == 0) {
			errno = ETIMEDOUT;
			return NULL;
		}
		if (fds[1].revents)
			tell_size(c);
		if (!fds[0].revents)
			continue;
		n = read(c->sock, chunk, sizeof(chunk));
		if (n <= 0) {
			errno = EPIPE;
			return NULL;
		}
		buf_add(&c->in, chunk, (size_t)n);
	}
}

static int no_answer(void)
{
	return fail(
		errno == ETIMEDOUT ? "it took too long" : "the supervisor closed the connection");
}

/* The single line of an answer, as nodes; NULL: it failed, which has been reported. */
static struct document *answer(struct call *c)
{
	const char *line = next_line(c);
	CLEANUP(document) struct document *d = NULL;
	const char *error;

	if (!line) {
		no_answer();
		return NULL;
	}
	if (json_parse("answer", line, strlen(line), &d, NULL) < 0) {
		fail("the supervisor's answer is not valid");
		return NULL;
	}
	error = node_get_text(d->root, "error");
	if (error) {
		fail(error);
		return NULL;
	}
	if (c->json)
		printf("%s\n", line);
	return STEAL(d);
}

static int simple(struct call *c)
{
	CLEANUP(document) struct document *d = NULL;

	if (ask(c, NULL, 0))
		return 1;
	d = answer(c);
	return d == NULL;
}

static int show(struct call *c, void (*as)(struct buf *out, const struct node *answer))
{
	CLEANUP(buf) struct buf out = BUF_INIT(SERVICE_SHOWN_MAX);
	CLEANUP(document) struct document *d = NULL;

	if (ask(c, NULL, 0) || !(d = answer(c)))
		return 1;
	if (!c->json) {
		as(&out, d->root);
		service_print(stdout, buf_str(&out));
	}
	return 0;
}

static void list_once(struct buf *out, const struct node *n)
{
	service_show_list(out, n, NULL);
}

static int run_list(struct call *c)
{
	return show(c, list_once);
}

static int run_boot(struct call *c)
{
	return show(c, c->svg ? service_show_boot_svg : service_show_boot);
}

static int run_logs(struct call *c)
{
	const char *line;

	if (ask(c, NULL, 0))
		return 1;
	while ((line = next_line(c))) {
		CLEANUP(document) struct document *d = NULL;
		const char *error;

		if (json_parse("answer", line, strlen(line), &d, NULL) < 0)
			continue;
		error = node_get_text(d->root, "error");
		if (error)
			return fail(error);
		if (c->json)
			printf("%s\n", line);
		else
			service_print_line(d->root, !c->request.name);
		fflush(stdout);
	}
	return 0;
}

static int watch_size(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGWINCH);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int run_exec(struct call *c)
{
	static const int stdio[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
	CLEANUP(document) struct document *d = NULL;
	struct termios saved;
	const struct node *n;
	uint64_t code;

	c->request.terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (c->request.terminal) {
		tcgetattr(STDIN_FILENO, &saved);
		c->resized = watch_size();
	}
	/* Ctrl-C is meant for the program; from a terminal it arrives there as a byte. */
	signal(SIGINT, SIG_IGN);
	if (ask(c, stdio, ARRAY_SIZE(stdio)))
		return 1;
	d = answer(c);
	if (c->request.terminal)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	n = d ? node_get(d->root, "exit") : NULL;
	return n && node_to_u64(n, &code) ? (int)code : 1;
}

static int run_top(struct call *c)
{
	CLEANUP(document) struct document *before = NULL;
	struct pollfd key = {.fd = STDIN_FILENO, .events = POLLIN};

	c->request.verb = REQUEST_LIST;
	for (;;) {
		CLEANUP(buf) struct buf out = BUF_INIT(SERVICE_SHOWN_MAX);
		struct document *d;

		if (ask(c, NULL, 0) || !(d = answer(c)))
			return 1;
		service_show_list(&out, d->root, before ? before->root : NULL);
		fputs("\033[H\033[J", stdout);
		service_print(stdout, buf_str(&out));
		fputs("(press return to quit)\n", stdout);
		fflush(stdout);
		document_free(before);
		before = d;
		close(c->sock);
		buf_clear(&c->in);
		c->taken = 0;
		if (poll(&key, 1, TOP_MS) > 0)
			return 0;
	}
}

struct verb {
	const char *name;
	enum request_verb verb;
	int (*run)(struct call *c);
	enum { NAME_NONE, NAME_OPTIONAL, NAME_REQUIRED } takes_name;
	const char *help;
};

static const struct verb verbs[] = {
	{"list", REQUEST_LIST, run_list, NAME_NONE,
		"list                      list the containers and their states"},
	{"start", REQUEST_START, simple, NAME_REQUIRED,
		"start NAME                start it, and wait until it is ready"},
	{"stop", REQUEST_STOP, simple, NAME_REQUIRED,
		"stop NAME                 stop it, and wait until it has ended"},
	{"restart", REQUEST_RESTART, simple, NAME_REQUIRED,
		"restart NAME              stop it and start it again"},
	{"wait", REQUEST_WAIT, simple, NAME_REQUIRED,
		"wait NAME [ready|stopped] wait until it is ready, or stopped"},
	{"logs", REQUEST_LOGS, run_logs, NAME_OPTIONAL,
		"logs [NAME]               show its output; without a name, all output"},
	{"exec", REQUEST_EXEC, run_exec, NAME_REQUIRED,
		"exec NAME COMMAND...      run a command in it"},
	{"top", REQUEST_LIST, run_top, NAME_NONE,
		"top                       the list, renewed every two seconds"},
	{"boot", REQUEST_BOOT, run_boot, NAME_NONE,
		"boot                      show how long each step of the boot took"},
};

static int usage(void)
{
	fprintf(stderr, "usage: service VERB [OPTION...] [NAME]\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(stderr, "  %s\n", verbs[i].help);
	fprintf(stderr,
		"\n  --json                    print JSON\n"
		"  --svg                     boot: print a picture (SVG)\n"
		"  --timeout SECONDS         start, stop, restart, wait: give up after that\n"
		"  -f                        logs: also what is written from now on\n"
		"  -n LINES                  logs: only the last LINES lines\n");
	return 2;
}

static bool take_number(char ***argv, uint64_t max, uint64_t *ret)
{
	return *++*argv && str_to_u64(**argv, 10, ret) == 0 && *ret <= max;
}

/* False: not a known option. */
static bool take_option(struct call *c, char ***argv)
{
	const char *option = **argv;
	uint64_t n;

	if (str_eq(option, "--json"))
		c->json = true;
	else if (str_eq(option, "--svg"))
		c->svg = true;
	else if (str_eq(option, "-f"))
		c->request.follow = true;
	else if (str_eq(option, "-n") && take_number(argv, REQUEST_LINES_MAX, &n))
		c->request.lines = (unsigned)n;
	else if (str_eq(option, "--timeout") && take_number(argv, INT32_MAX / 1000, &n))
		c->timeout = n * 1000;
	else
		return false;
	return true;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(verbs); i++)
		if (str_eq(name, verbs[i].name))
			return &verbs[i];
	return NULL;
}

/* An argument that is not an option; false: one too many. */
static bool take_word(struct call *c, const struct verb *v, const char *word)
{
	if (!c->request.name && v->takes_name != NAME_NONE)
		c->request.name = str_dup(word);
	else if (v->verb == REQUEST_WAIT && !c->request.state &&
		 (str_eq(word, "ready") || str_eq(word, "stopped")))
		c->request.state = str_dup(word);
	else
		return false;
	return true;
}

int service_main(int argc, char **argv)
{
	struct call c = {.sock = -1,
		.resized = -1,
		.in = BUF_INIT(REQUEST_ANSWER_MAX + CHUNK),
		.request.lines = REQUEST_LINES_MAX};
	const struct verb *v = find_verb(argc > 1 ? argv[1] : NULL);

	if (!v)
		return usage();
	c.request.verb = v->verb;
	for (argv += 2; *argv; argv++) {
		bool command = v->verb == REQUEST_EXEC && c.request.name;

		if (command)
			strv_add(&c.request.argv, *argv);
		else if (**argv == '-' ? !take_option(&c, &argv) : !take_word(&c, v, *argv))
			return usage();
	}
	if ((v->takes_name == NAME_REQUIRED && !c.request.name) ||
		(v->verb == REQUEST_EXEC && !c.request.argv.n))
		return usage();
	return v->run(&c);
}
