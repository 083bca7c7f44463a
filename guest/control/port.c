/* SPDX-License-Identifier: Apache-2.0 */
#include "control/port.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "common/fs.h"
#include "contract/outside.h"
#include "control/answer.h"
#include "client/request.h"
#include "data/json.h"

enum { CHUNK = 4096, TRIES = 50, TRY_MS = 200, NAME_MAX_SIZE = 128 };

struct port {
	struct control *control;
	int loop;
	char *sys, *dev;
	unsigned tries;             /* left */
	struct loop_source timer;   /* until the port is found */
	struct loop_source outside; /* the port */
	struct loop_source inside;  /* the other end of a connection that answers; -1: none does */
	char *id;                   /* of the request that is answered */
	struct buf in;              /* the beginning of a request */
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
}

/* What of the answer there is. More is read when it was written. */
static void inside_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct port *p = CONTAINER_OF(source, struct port, inside);
	char chunk[CHUNK];
	ssize_t n = read(source->fd, chunk, sizeof(chunk));

	if (n > 0)
		buf_add(&p->out, chunk, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		end_connection(p);
	write_out(p);
}

static void fail(struct port *p, const char *message)
{
	answer_error(&p->out, message);
	end_answer(p);
}

/* Have it answered as if it had come through the socket. */
static void pass_on(struct port *p, const char *line, size_t size)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
		fail(p, "there is no descriptor left for it");
		return;
	}
	p->inside = (struct loop_source){ends[0], inside_ready};
	if (control_add(p->control, ends[1]) < 0 ||
		send(ends[0], line, size, MSG_NOSIGNAL) != (ssize_t)size ||
		loop_add(p->loop, &p->inside, EPOLLIN | EPOLLONESHOT) < 0) {
		answer_error(&p->out, "too many clients; try again");
		end_connection(p);
	}
}

/* line: with its newline. */
static void handle_line(struct port *p, const char *line, size_t size)
{
	CLEANUP(request) struct request *request = NULL;
	CLEANUP(werr) struct werr *err = NULL;

	/* Whoever connects begins with an empty line, which ends what another one began. */
	if (size <= 1)
		return;
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
	/* Its program would need descriptors. */
	if (request->verb == REQUEST_EXEC)
		fail(p, "exec is not possible from outside");
	else
		pass_on(p, line, size);
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

static void use(struct port *p, int fd)
{
	p->outside = (struct loop_source){fd, outside_ready};
	if (loop_add(p->loop, &p->outside, EPOLLIN | EPOLLOUT | EPOLLET) < 0)
		loop_close(p->loop, &p->outside);
}

/* ---- finding it ---- */

/* The name of the device whose port has ours; owned by the caller, NULL: none. */
static char *find_device(const char *dir)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	fs_names(dir, &names);
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *path = str_printf("%s/%s/name", dir, name);
		char text[NAME_MAX_SIZE];

		if (file_read_small(path, text, sizeof(text)) <= 0)
			continue;
		text[strcspn(text, "\n")] = 0;
		if (str_eq(text, OUTSIDE_PORT))
			return str_dup(name);
	}
	return NULL;
}

/* A console device (virtio 1.2, 5.3) tells of its ports some time after it was found. */
static bool may_come(const char *dir)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	fs_names(dir, &names);
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *path = str_printf("%s/%s/device", dir, name);
		char text[32];
		uint64_t id;

		if (file_read_small(path, text, sizeof(text)) <= 0)
			continue;
		text[strcspn(text, "\n")] = 0;
		if (str_to_u64(text, 0, &id) == 0 && id == 3)
			return true;
	}
	return false;
}

static bool find(struct port *p)
{
	CLEANUP(free) char *ports = str_printf("%s/class/virtio-ports", p->sys);
	CLEANUP(free) char *name = find_device(ports);
	CLEANUP(free) char *node = name ? str_printf("%s/%s", p->dev, name) : NULL;
	int fd = node ? open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) : -1;

	if (fd < 0)
		return false;
	use(p, fd);
	return true;
}

static void timer_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct port *p = CONTAINER_OF(source, struct port, timer);
	uint64_t times;

	if (read(source->fd, &times, sizeof(times)) < 0)
		return;
	if (find(p) || --p->tries == 0)
		loop_close(p->loop, source);
}

static void look_again(struct port *p)
{
	static const struct itimerspec every = {
		{.tv_nsec = TRY_MS * 1000000L}, {.tv_nsec = TRY_MS * 1000000L}};

	p->tries = TRIES;
	p->timer = (struct loop_source){
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), timer_ready};
	if (p->timer.fd < 0)
		return;
	timerfd_settime(p->timer.fd, 0, &every, NULL);
	loop_add(p->loop, &p->timer, EPOLLIN);
}

static struct port *make(struct control *control, int loop)
{
	struct port *p = mem_new(struct port);

	*p = (struct port){.control = control,
		.loop = loop,
		.timer.fd = -1,
		.outside.fd = -1,
		.inside.fd = -1,
		.in = BUF_INIT(REQUEST_MAX),
		.out = BUF_INIT(REQUEST_ANSWER_MAX)};
	return p;
}

struct port *port_new(struct control *control, int loop, const char *sys, const char *dev)
{
	struct port *p = make(control, loop);
	CLEANUP(free) char *devices = str_printf("%s/bus/virtio/devices", sys);

	p->sys = str_dup(sys);
	p->dev = str_dup(dev);
	if (!find(p) && may_come(devices))
		look_again(p);
	return p;
}

struct port *port_new_at(struct control *control, int loop, int fd)
{
	struct port *p = make(control, loop);

	use(p, fd);
	return p;
}

void port_free(struct port *p)
{
	if (!p)
		return;
	reset(p);
	loop_close(p->loop, &p->timer);
	loop_close(p->loop, &p->outside);
	free(p->sys);
	free(p->dev);
	free(p);
}
