/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/show.h"
#include "data/json.h"
#include "data/printable.h"
#include "data/terminal.h"

enum { TOP_MS = 2000 };

struct run {
	struct client_call *call;
	struct client_transport *transport;
	int out;
	size_t width;      /* columns */
	uint64_t deadline; /* of clock_ms(); 0: none */
	int *code;
};

/* ---- answers ---- */

int client_read(const char *line, struct document **ret, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	const char *error;

	if (json_parse("answer", line, strlen(line), &d, NULL) < 0)
		return werr_set(err, WERR_CORRUPT, "the supervisor's answer is not valid");
	error = node_get_text(d->root, "error");
	if (error)
		return werr_set(err, WERR_FAILED, "%s", error);
	*ret = STEAL(d);
	return 0;
}

static int ask(struct run *r, struct werr **err)
{
	uint64_t seconds = r->call->options.timeout;

	r->deadline = seconds ? clock_ms() + seconds * 1000 : 0;
	return r->transport->ask(r->transport, &r->call->request, err);
}

/* For the transport's next(). */
static int time_left(const struct run *r)
{
	uint64_t now = clock_ms();

	return !r->deadline ? -1 : r->deadline > now ? (int)(r->deadline - now) : 0;
}

int client_answer(struct client_transport *t, int left, struct document **ret,
	const char **ret_line, struct werr **err)
{
	const char *line = NULL;
	int r = t->next(t, left, &line, err);

	if (r == 0 && !line)
		r = werr_set(err, WERR_FAILED, "the supervisor closed the connection");
	if (r == 0)
		r = client_read(line, ret, err);
	if (r == 0 && ret_line)
		*ret_line = line;
	return r;
}

/* Ask, and take the only line of the answer. */
static int answer(struct run *r, struct document **ret, char **ret_line, struct werr **err)
{
	const char *line;
	int e = ask(r, err);

	if (e == 0)
		e = client_answer(r->transport, time_left(r), ret, &line, err);
	if (e == 0)
		*ret_line = str_printf("%s\n", line);
	return e;
}

static int print(const struct run *r, const char *text, struct werr **err)
{
	CLEANUP(buf) struct buf shown = BUF_INIT(4 * CLIENT_SHOWN_MAX);
	int e;

	if (isatty(r->out))
		printable_add(&shown, text, strlen(text), "\n\t");
	else
		buf_puts(&shown, text);
	e = fd_write_all(r->out, buf_str(&shown), shown.len);
	return e < 0 && e != -EPIPE ? werr_errno(err, -e, "can't write the answer") : e;
}

/* ---- the verbs ---- */

typedef void show(struct buf *out, const struct node *answer, size_t width);

static int show_answer(struct run *r, show *as, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(buf) struct buf out = BUF_INIT(CLIENT_SHOWN_MAX);
	CLEANUP(free) char *line = NULL;
	int e = answer(r, &d, &line, err);

	if (e < 0)
		return e;
	if (!r->call->options.json && as)
		as(&out, d->root, r->width);
	return print(r, r->call->options.json ? line : buf_str(&out), err);
}

static int run_list(struct run *r, struct werr **err)
{
	return show_answer(r, client_show_list, err);
}

static int run_status(struct run *r, struct werr **err)
{
	int e;

	if (r->call->request.name)
		return show_answer(r, client_show_status, err);
	e = show_answer(r, client_show_list, err);
	if (e == 0 && !r->call->options.json)
		e = print(r, "\n`status NAME` says more about one of them\n", err);
	return e;
}

static int run_silently(struct run *r, struct werr **err)
{
	return show_answer(r, NULL, err);
}

static int run_boot(struct run *r, struct werr **err)
{
	return show_answer(r, r->call->options.svg ? client_show_boot_svg : client_show_boot, err);
}

static int run_logs(struct run *r, struct werr **err)
{
	const char *line;
	int e = ask(r, err);

	while (e == 0 && (e = r->transport->next(r->transport, time_left(r), &line, err)) == 0 &&
		line) {
		CLEANUP(document) struct document *d = NULL;
		CLEANUP(buf) struct buf out = BUF_INIT(CLIENT_SHOWN_MAX);

		e = client_read(line, &d, err);
		if (e < 0)
			break;
		if (r->call->options.json)
			buf_printf(&out, "%s\n", line);
		else
			client_show_line(&out, d->root, !r->call->request.name);
		e = print(r, buf_str(&out), err);
	}
	return e;
}

static int run_program(struct run *r, struct werr **err)
{
	if (!r->transport->run)
		return werr_set(err, WERR_UNSUPPORTED, "that is not possible from here");
	return r->transport->run(r->transport, &r->call->request, r->code, err);
}

/* Until the return key, or the end of stdin. */
static int run_top(struct run *r, struct werr **err)
{
	CLEANUP(document) struct document *before = NULL;
	struct pollfd key = {.fd = STDIN_FILENO, .events = POLLIN};

	for (;;) {
		CLEANUP(buf) struct buf out = BUF_INIT(CLIENT_SHOWN_MAX);
		CLEANUP(free) char *line = NULL;
		struct document *d = NULL;
		int e = answer(r, &d, &line, err);

		if (e < 0)
			return e;
		client_show_top(&out, d->root, before ? before->root : NULL, r->width);
		document_free(before);
		before = d;
		if (!r->call->options.json && isatty(r->out))
			e = fd_write_all(r->out, "\033[H\033[J", strlen("\033[H\033[J"));
		if (e == 0)
			e = print(r, r->call->options.json ? line : buf_str(&out), err);
		if (e == 0 && !r->call->options.json)
			e = print(r, "(press return to quit)\n", err);
		if (e < 0)
			return e;
		if (poll(&key, 1, TOP_MS) != 0)
			return 0;
	}
}

static int (*const actions[])(struct run *r, struct werr **err) = {
	[CLIENT_LIST] = run_list,
	[CLIENT_STATUS] = run_status,
	[CLIENT_WAIT] = run_silently,
	[CLIENT_LOGS] = run_logs,
	[CLIENT_RUN] = run_program,
	[CLIENT_TOP] = run_top,
	[CLIENT_BOOT] = run_boot,
};
_Static_assert(ARRAY_SIZE(actions) == CLIENT_ACTIONS, "a function for each action");

int client_run(struct client_call *c, struct client_transport *t, int out, int *ret_code,
	struct werr **err)
{
	struct run r = {.call = c,
		.transport = t,
		.out = out,
		.width = terminal_width(out),
		.code = ret_code};

	*ret_code = 0;
	return actions[c->verb->action](&r, err);
}
