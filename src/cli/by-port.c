/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/by-port.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

enum { CHUNK = 32 << 10, SLICE_MS = 1000, TELL_MS = 3000, BEGIN_MS = 120 * 1000, SEND_MS = 10000 };

/* ---- sending ---- */

static int not_running(const struct by_port *p, struct werr **err)
{
	return werr_set(err, WERR_NOT_FOUND, "%s does not run, or has no port to its supervisor",
		p->machine->name);
}

static int ended(const struct by_port *p, struct werr **err)
{
	return werr_set(err, WERR_FAILED, "%s has ended", p->machine->name);
}

static int send_all(struct by_port *p, const char *text, size_t size, struct werr **err)
{
	uint64_t until = clock_ms() + SEND_MS;
	int r = 0;

	while (r == 0 && size > 0) {
		struct pollfd wait = {.fd = p->wire.fd, .events = POLLOUT};
		ssize_t n = send(p->wire.fd, text, size, MSG_NOSIGNAL);

		if (n >= 0) {
			text += n;
			size -= (size_t)n;
		} else if (errno != EAGAIN && errno != EINTR) {
			return ended(p, err);
		} else if (clock_ms() > until) {
			return werr_set(err, WERR_TIMEOUT, "%s takes no request", p->machine->name);
		} else {
			poll(&wait, 1, SLICE_MS);
		}
		r = cancel_check(err);
	}
	return r;
}

int by_port_ask(struct by_port *p, const struct request *r, struct werr **err)
{
	CLEANUP(free) char *line = NULL, *text = NULL;
	struct request q = *r;
	int e = p->wire.fd >= 0 ? 0 : vm_wire_open(p->machine, &p->wire, err);

	if (e == 0 && p->wire.fd < 0)
		e = not_running(p, err);
	if (e < 0)
		return e;
	strv_clear(&p->lines);
	p->taken = 0;
	outside_reader_expect(&p->reader);
	q.id = p->reader.id;
	line = request_format(&q);
	if (!line)
		return werr_set(err, WERR_LIMIT, "the request is too long");
	/* An empty line ends what another one may have begun. */
	text = str_printf("\n%s", line);
	p->asked_ms = clock_ms();
	return send_all(p, text, strlen(text), err);
}

/* ---- receiving ---- */

static void keep_line(void *ctx, char *line, ATTR_UNUSED size_t size)
{
	struct by_port *p = ctx;

	strv_add(&p->lines, line);
}

const char *by_port_line(struct by_port *p)
{
	if (p->taken < p->lines.n)
		return p->lines.items[p->taken++];
	strv_clear(&p->lines);
	p->taken = 0;
	return NULL;
}

/* It may not run yet; a machine whose kernel lacks the driver never answers. */
static int check_begun(struct by_port *p, struct werr **err)
{
	uint64_t ms = clock_ms() - p->asked_ms;

	if (p->reader.begun || p->reader.ended)
		return 0;
	if (ms > BEGIN_MS) {
		werr_set(err, WERR_TIMEOUT, "the supervisor of %s does not answer",
			p->machine->name);
		werr_hint(err, "its kernel needs a driver (virtio_console), and its init is to be "
			       "Wherry's; what the console shows says more");
		return werr_code(WERR_TIMEOUT);
	}
	if (ms > TELL_MS && !p->told) {
		log_info("the supervisor of %s has not answered yet; waiting for it",
			p->machine->name);
		p->told = true;
	}
	return 0;
}

int by_port_wait(struct by_port *p, struct pollfd *fds, size_t n, int ms, struct werr **err)
{
	char chunk[CHUNK];
	ssize_t got;
	int r = cancel_check(err);

	if (r == 0)
		r = check_begun(p, err);
	if (r < 0)
		return r;
	fds[0].fd = p->wire.fd;
	fds[0].events |= POLLIN;
	if (poll(fds, n, ms < 0 || ms > SLICE_MS ? SLICE_MS : ms) < 0) {
		for (size_t i = 0; i < n; i++)
			fds[i].revents = 0;
		return cancel_check(err);
	}
	if (!(fds[0].revents & (POLLIN | POLLHUP | POLLERR)))
		return 0;
	got = recv(p->wire.fd, chunk, sizeof(chunk), 0);
	if (got > 0)
		outside_reader_add(&p->reader, chunk, (size_t)got, keep_line, p);
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		return ended(p, err);
	return 0;
}

static int ask(struct client_transport *t, const struct request *r, struct werr **err)
{
	return by_port_ask(CONTAINER_OF(t, struct by_port, transport), r, err);
}

static int next(struct client_transport *t, int left, const char **ret, struct werr **err)
{
	struct by_port *p = CONTAINER_OF(t, struct by_port, transport);
	uint64_t until = left < 0 ? UINT64_MAX : clock_ms() + (uint64_t)left;
	int r = 0;

	while (r == 0 && !(*ret = by_port_line(p)) && !p->reader.ended) {
		struct pollfd fd = {0};
		uint64_t now = clock_ms();

		if (now > until)
			return werr_set(err, WERR_TIMEOUT, "it took too long");
		r = by_port_wait(
			p, &fd, 1, until - now > SLICE_MS ? SLICE_MS : (int)(until - now), err);
	}
	return r;
}

void by_port_init(struct by_port *p, const struct vm_machine *machine)
{
	*p = (struct by_port){.transport = {ask, next, by_port_run},
		.machine = machine,
		.wire = VM_WIRE_INIT,
		.reader = OUTSIDE_READER_INIT};
}

void by_port_cleanup(struct by_port *p)
{
	vm_wire_cleanup(&p->wire);
	outside_reader_cleanup(&p->reader);
	strv_clear(&p->lines);
}
