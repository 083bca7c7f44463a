/* SPDX-License-Identifier: Apache-2.0 */
#include "control/port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "common/passfd.h"
#include "contract/outside.h"
#include "control/answer.h"
#include "client/request.h"
#include "control/piped.h"
#include "data/json.h"

enum { CHUNK = 4096 };

struct port {
	struct control *control;
	int loop;
	struct loop_source outside; /* the port */
	struct loop_source inside;  /* the other end of a connection that answers; -1: none does */
	char *id;                   /* of the request that is answered */
	struct piped piped;         /* of a request to run a program */
	struct buf in;              /* the beginning of a line */
	bool skips;                 /* the rest of a line that is too long */
	struct buf out;
	size_t sent; /* bytes of out */
};

/* ---- answering ---- */

static void put_frame(struct port *p, const char *key)
{
	struct json_writer w = JSON_WRITER_SHOWN(&p->out);

	json_open_object(&w);
	json_key_string(&w, key, p->id);
	json_close_object(&w);
	buf_putc(&p->out, '\n');
}

/* The answer is complete. */
static void end_answer(struct port *p)
{
	put_frame(p, OUTSIDE_END);
	free(STEAL(p->id));
}

static void end_connection(struct port *p)
{
	if (p->inside.fd < 0)
		return;
	loop_close(p->loop, &p->inside);
	piped_close(&p->piped);
	end_answer(p);
}

static void write_out(struct port *p)
{
	while (p->sent < p->out.len) {
		ssize_t n = write(p->outside.fd, p->out.data + p->sent, p->out.len - p->sent);

		if (n < 0 && errno == EINTR)
			continue;
		/* Once there is room, or somebody reads, an event comes. */
		if (n <= 0)
			return;
		p->sent += (size_t)n;
	}
	buf_truncate(&p->out, 0);
	p->sent = 0;
	if (p->inside.fd >= 0)
		loop_change(p->loop, &p->inside, EPOLLIN | EPOLLONESHOT);
	piped_go_on(&p->piped);
}

static void frames_added(struct piped *piped)
{
	write_out(CONTAINER_OF(piped, struct port, piped));
}

/* What of the answer there is. More is read when it was written. */
static void inside_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct port *p = CONTAINER_OF(source, struct port, inside);
	char chunk[CHUNK];
	ssize_t n = read(source->fd, chunk, sizeof(chunk));

	/* A program is answered for when it has ended. */
	piped_drain(&p->piped);
	if (n > 0)
		buf_add(&p->out, chunk, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		end_connection(p);
	write_out(p);
}

static const char no_descriptor[] = "there is no descriptor left for it";

static void fail(struct port *p, const char *message)
{
	answer_error(&p->out, message);
	end_answer(p);
}

/* Have it answered as if it had come through the socket, with these descriptors. */
static void pass_on(struct port *p, const char *line, size_t size, const int *fds, size_t n_fds)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
		piped_close(&p->piped);
		fail(p, no_descriptor);
		return;
	}
	p->inside = (struct loop_source){ends[0], inside_ready};
	if (control_add(p->control, ends[1]) < 0 ||
		passfd_send(ends[0], line, size, fds, n_fds) != (ssize_t)size ||
		loop_add(p->loop, &p->inside, EPOLLIN | EPOLLONESHOT) < 0) {
		answer_error(&p->out, "too many clients; try again");
		end_connection(p);
	}
}

static void pass_program_on(struct port *p, const char *line, size_t size, bool terminal)
{
	int fds[PASSFD_MAX];

	if (piped_open(&p->piped, terminal, fds) < 0) {
		fail(p, no_descriptor);
		return;
	}
	pass_on(p, line, size, fds, ARRAY_SIZE(fds));
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

static void handle_frame(struct port *p, const struct outside_frame *f)
{
	if (!piped_take(&p->piped, f)) {
		answer_error(&p->out, "more input came than there was room for");
		end_connection(p);
	} else if (f->kind == OUTSIDE_SIZE && p->piped.open) {
		/* The runtime is told to look at the size. */
		send(p->inside.fd, "\n", 1, MSG_NOSIGNAL);
	}
}

static void handle_request(struct port *p, const char *line, size_t size)
{
	CLEANUP(request) struct request *request = NULL;
	CLEANUP(werr) struct werr *err = NULL;

	end_connection(p);
	/* What another one did not read to its end, perhaps not to the end of a line. */
	buf_putc(&p->out, '\n');
	if (request_parse(line, size - 1, &request, &err) < 0) {
		p->id = str_dup("");
		put_frame(p, OUTSIDE_BEGIN);
		fail(p, err->message);
		return;
	}
	p->id = str_dup(request->id ? request->id : "");
	put_frame(p, OUTSIDE_BEGIN);
	if (request_runs(request->verb))
		pass_program_on(p, line, size, request->terminal);
	else
		pass_on(p, line, size, NULL, 0);
}

/* line: with its newline. */
static void handle_line(struct port *p, const char *line, size_t size)
{
	CLEANUP(outside_frame) struct outside_frame f = OUTSIDE_FRAME_INIT;

	/* Whoever connects begins with an empty line, which ends what another one began. */
	if (size <= 1)
		return;
	if (outside_frame_parse(line, size - 1, &f))
		handle_frame(p, &f);
	else
		handle_request(p, line, size);
}

/* ---- reading ---- */

static void take(struct port *p, const char *bytes, size_t size)
{
	while (size > 0) {
		const char *end = memchr(bytes, '\n', size);
		size_t n = end ? (size_t)(end - bytes) + 1 : size;

		if (!p->skips)
			buf_add(&p->in, bytes, n);
		p->skips = p->skips || buf_error(&p->in) < 0;
		if (end && !p->skips)
			handle_line(p, p->in.data, p->in.len);
		if (end || p->skips)
			buf_clear(&p->in);
		if (end)
			p->skips = false;
		bytes += n;
		size -= n;
	}
}

/* Nobody is connected any more: the rest of the answer is for nobody. */
static void reset(struct port *p)
{
	if (p->inside.fd >= 0)
		loop_close(p->loop, &p->inside);
	piped_close(&p->piped);
	free(STEAL(p->id));
	buf_clear(&p->in);
	buf_clear(&p->out);
	p->sent = 0;
	p->skips = false;
}

/*
 * Called for changes only, as a port without a client hangs up for as long as it has none
 * (virtio_console.c).
 */
static void outside_ready(struct loop_source *source, uint32_t events)
{
	struct port *p = CONTAINER_OF(source, struct port, outside);
	char chunk[CHUNK];
	ssize_t n;

	if (events & (EPOLLHUP | EPOLLERR))
		reset(p);
	/* Who does not read the answers is not asked for more. */
	for (write_out(p); !p->out.len; write_out(p)) {
		if ((n = read(source->fd, chunk, sizeof(chunk))) <= 0)
			return;
		take(p, chunk, (size_t)n);
	}
}

struct port *port_new(struct control *control, int loop, int fd)
{
	struct port *p = mem_new(struct port);

	*p = (struct port){.control = control,
		.loop = loop,
		.outside = {fd, outside_ready},
		.inside.fd = -1,
		.in = BUF_INIT(REQUEST_MAX),
		.out = BUF_INIT(REQUEST_ANSWER_MAX)};
	piped_init(&p->piped, loop, &p->out, frames_added);
	if (loop_add(p->loop, &p->outside, EPOLLIN | EPOLLOUT | EPOLLET) < 0)
		loop_close(p->loop, &p->outside);
	return p;
}

void port_free(struct port *p)
{
	if (!p)
		return;
	reset(p);
	loop_close(p->loop, &p->outside);
	free(p);
}
