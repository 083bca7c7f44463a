/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/relay.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/mem.h"

enum { FRONT, BACK, ENDS };

/* From one end to the other. */
struct flow {
	size_t at, len; /* the bytes that were read and are not written yet */
	bool ended;     /* there is no more to read */
	bool told;      /* and the other end knows it */
	char bytes[RELAY_BYTES];
};

struct end {
	struct loop_source source;
	struct relay *relay;
};

struct relay {
	int loop;
	bool connecting, over;
	struct end ends[ENDS];
	struct flow flows[ENDS]; /* by the end that is read from */
};

static bool is_temporary(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* Read once, write what can be written. False: an end has failed. */
static bool move(struct flow *f, int from, int to)
{
	if (f->at == f->len && !f->ended) {
		ssize_t n = read(from, f->bytes, sizeof(f->bytes));

		if (n < 0 && !is_temporary())
			return false;
		f->at = 0;
		f->len = n > 0 ? (size_t)n : 0;
		f->ended = n == 0;
	}
	while (f->at < f->len) {
		ssize_t n = send(to, f->bytes + f->at, f->len - f->at, MSG_NOSIGNAL);

		if (n < 0)
			return is_temporary();
		f->at += (size_t)n;
	}
	if (f->ended && !f->told)
		f->told = shutdown(to, SHUT_WR) == 0;
	return f->told == f->ended;
}

/*
 * Each end is asked for what it can do next, once: an end that both hung up and has nothing to do
 * would otherwise be reported again and again.
 */
static void ask(struct relay *r)
{
	for (int i = 0; i < ENDS; i++) {
		const struct flow *in = &r->flows[i], *out = &r->flows[!i];
		uint32_t events = 0;

		if (r->connecting)
			events = i == BACK ? EPOLLOUT : 0;
		else
			events = (in->at == in->len && !in->ended ? EPOLLIN : 0U) |
				 (out->at < out->len ? EPOLLOUT : 0U);
		if (events)
			loop_change(r->loop, &r->ends[i].source, events | EPOLLONESHOT);
	}
}

static bool is_connected(int fd)
{
	int problem = 0;
	socklen_t size = sizeof(problem);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 && problem == 0;
}

static void ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct relay *r = CONTAINER_OF(source, struct end, source)->relay;
	int front = r->ends[FRONT].source.fd, back = r->ends[BACK].source.fd;

	if (r->over)
		return;
	if (r->connecting) {
		r->over = !is_connected(back);
		r->connecting = false;
	}
	r->over = r->over || !move(&r->flows[FRONT], front, back) ||
		  !move(&r->flows[BACK], back, front) ||
		  (r->flows[FRONT].told && r->flows[BACK].told);
	if (!r->over)
		ask(r);
}

struct relay *relay_new(int loop, int front, int back)
{
	struct relay *r = mem_new(struct relay);
	const int fds[] = {front, back};
	bool added = true;

	r->loop = loop;
	r->connecting = true;
	for (int i = 0; i < ENDS; i++) {
		r->ends[i] = (struct end){{fds[i], ready}, r};
		added = added && loop_add(loop, &r->ends[i].source, EPOLLONESHOT) == 0;
	}
	if (!added) {
		relay_free(r);
		return NULL;
	}
	ask(r);
	return r;
}

bool relay_is_over(const struct relay *r)
{
	return r->over;
}

void relay_free(struct relay *r)
{
	for (int i = 0; i < ENDS; i++)
		loop_close(r->loop, &r->ends[i].source);
	free(r);
}
