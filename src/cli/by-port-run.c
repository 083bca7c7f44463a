/* SPDX-License-Identifier: Apache-2.0 */
/* A program in a machine with stdin, stdout and stderr of this process: frames of its port. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "cli/by-port.h"
#include "data/printable.h"
#include "data/terminal-mode.h"

enum { FD_PORT, FD_STDIN, FD_SIZE, FDS };

struct program {
	struct by_port *port;
	bool terminal;
	bool ended;      /* our stdin */
	uint64_t unread; /* bytes that were sent, and not taken by the program */
	struct buf out;  /* frames for the port */
	size_t sent;     /* bytes of out */
	int resized;     /* readable when the terminal was resized; -1: it is not watched */
	int *code;
	bool answered;
};

/* ---- to the program ---- */

static void add_size(struct program *g)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		outside_frame_add_size(&g->out, size.ws_row, size.ws_col);
}

static void take_resize(struct program *g)
{
	if (terminal_was_resized(g->resized))
		add_size(g);
}

/* How much more may be sent now. */
static size_t room(const struct program *g)
{
	size_t left = g->unread < OUTSIDE_WINDOW ? (size_t)(OUTSIDE_WINDOW - g->unread) : 0;

	return g->ended || g->out.len ? 0 : left < OUTSIDE_DATA_MAX ? left : OUTSIDE_DATA_MAX;
}

static void take_input(struct program *g)
{
	char bytes[OUTSIDE_DATA_MAX];
	ssize_t n = read(STDIN_FILENO, bytes, room(g));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* None: that it has ended. */
	g->ended = n <= 0;
	g->unread += n > 0 ? (uint64_t)n : 0;
	outside_frame_add_bytes(&g->out, OUTSIDE_IN, bytes, n > 0 ? (size_t)n : 0);
}

/* The end of the connection is seen where it is read. */
static void send_some(struct program *g)
{
	while (g->sent < g->out.len) {
		ssize_t n = send(g->port->wire.fd, g->out.data + g->sent, g->out.len - g->sent,
			MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		g->sent += (size_t)n;
	}
	buf_truncate(&g->out, 0);
	g->sent = 0;
}

/* ---- from the program ---- */

/* A terminal gets it as it is if it is the program's; else nothing that it would act on. */
static int write_out(const struct program *g, const struct outside_frame *f, struct werr **err)
{
	CLEANUP(buf) struct buf shown = BUF_INIT(OUTSIDE_DATA_MAX * 8);
	int fd = f->kind == OUTSIDE_OUT ? STDOUT_FILENO : STDERR_FILENO, r;
	const struct buf *bytes = &f->bytes;

	if (isatty(fd) && !(g->terminal && f->kind == OUTSIDE_OUT)) {
		printable_add(&shown, buf_str(bytes), bytes->len, "\n\t");
		bytes = &shown;
	}
	r = fd_write_all(fd, buf_str(bytes), bytes->len);
	return r < 0 && r != -EPIPE ? werr_errno(err, -r, "can't write the program's output") : r;
}

static int take_line(struct program *g, const char *line, struct werr **err)
{
	CLEANUP(outside_frame) struct outside_frame f = OUTSIDE_FRAME_INIT;
	CLEANUP(document) struct document *d = NULL;
	uint64_t code = 1;
	int r;

	if (outside_frame_parse(line, strlen(line), &f)) {
		if (f.kind == OUTSIDE_TAKEN)
			g->unread -= f.taken < g->unread ? f.taken : g->unread;
		return f.kind == OUTSIDE_OUT || f.kind == OUTSIDE_ERR ? write_out(g, &f, err) : 0;
	}
	g->answered = true;
	r = client_read(line, &d, err);
	if (r == 0 && node_get(d->root, "exit"))
		node_to_u64(node_get(d->root, "exit"), &code);
	*g->code = code > UINT8_MAX ? 1 : (int)code;
	return r;
}

static int take_lines(struct program *g, struct werr **err)
{
	const char *line;
	int r = 0;

	while (r == 0 && !g->answered && (line = by_port_line(g->port)))
		r = take_line(g, line, err);
	return r;
}

/* ---- both ---- */

static int exchange(struct program *g, struct werr **err)
{
	int r = 0;

	while (r == 0 && !g->answered) {
		struct pollfd fds[FDS] = {
			[FD_PORT] = {.events = g->out.len ? POLLOUT : 0},
			[FD_STDIN] = {.fd = room(g) ? STDIN_FILENO : -1, .events = POLLIN},
			[FD_SIZE] = {.fd = g->resized, .events = POLLIN},
		};

		if (g->port->reader.ended)
			return werr_set(err, WERR_FAILED, "the supervisor says nothing of its end");
		r = by_port_wait(g->port, fds, FDS, -1, err);
		if (r == 0 && fds[FD_STDIN].revents)
			take_input(g);
		if (r == 0 && fds[FD_SIZE].revents)
			take_resize(g);
		send_some(g);
		if (r == 0)
			r = take_lines(g, err);
	}
	return r;
}

int by_port_run(struct client_transport *t, struct request *q, int *ret_code, struct werr **err)
{
	struct program g = {.port = CONTAINER_OF(t, struct by_port, transport),
		.terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO),
		.out = BUF_INIT(1 << 16),
		.resized = -1,
		.code = ret_code};
	struct terminal_mode mode = {0};
	int r;

	q->terminal = g.terminal;
	r = by_port_ask(g.port, q, err);
	if (r == 0 && g.terminal) {
		g.resized = terminal_watch_size();
		add_size(&g);
		terminal_mode_save(&mode);
		terminal_mode_raw(&mode);
	}
	if (r == 0)
		r = exchange(&g, err);
	terminal_mode_restore(&mode);
	fd_cleanup(&g.resized);
	buf_clear(&g.out);
	return r;
}
