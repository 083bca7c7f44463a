/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/mem.h"
#include "probe/console.h"

enum { TICK_MS = 50, CHUNK = 16 << 10 };

static struct sockaddr_in local(unsigned port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int probe_port_reserve(unsigned guest, struct probe_port *ret, struct werr **err)
{
	CLEANUP(fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in at = local(0);
	socklen_t size = sizeof(at);
	const int on = 1;

	if (fd < 0)
		return werr_errno(err, errno, "can't make a socket");
	/* QEMU sets it as well, and can then listen on the port although this one is bound. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
		getsockname(fd, (struct sockaddr *)&at, &size) < 0)
		return werr_errno(err, errno, "can't reserve a port of 127.0.0.1");
	*ret = (struct probe_port){guest, ntohs(at.sin_port), fd};
	fd = -1;
	return 0;
}

void probe_port_release(struct probe_port *p)
{
	fd_cleanup(&p->fd);
}

/* Wait for the socket: 1, 0 when the time is over, -ECANCELED. */
static int await(int fd, short events, uint64_t until, struct werr **err)
{
	struct pollfd p = {.fd = fd, .events = events};

	while (clock_ms() < until) {
		int r = cancel_check(err);

		if (r < 0)
			return r;
		if (poll(&p, 1, TICK_MS) > 0)
			return 1;
	}
	return 0;
}

static int connect_to(unsigned port, uint64_t until, int *ret_fd, struct werr **err)
{
	CLEANUP(fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in at = local(port);
	int problem = 0, r;
	socklen_t size = sizeof(problem);

	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0 && errno != EINPROGRESS)
		return -errno;
	r = await(fd, POLLOUT, until, err);
	if (r <= 0)
		return r < 0 ? r : -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) < 0 || problem)
		return problem ? -problem : -errno;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int send_all(int fd, const char *p, size_t size, uint64_t until, struct werr **err)
{
	while (size > 0) {
		ssize_t n = send(fd, p, size, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN) {
			int r = await(fd, POLLOUT, until, err);

			if (r <= 0)
				return r < 0 ? r : -ETIMEDOUT;
			continue;
		}
		if (n < 0)
			return -errno;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

int probe_tcp_ask(unsigned host_port, const char *what, size_t size, uint64_t ms,
	probe_enough *enough, void *ctx, struct buf *got, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	uint64_t until = clock_ms() + ms;
	char chunk[CHUNK];
	int r = connect_to(host_port, until, &fd, err);

	if (r == 0)
		r = send_all(fd, what, size, until, err);
	while (r == 0 && !buf_error(got) && !enough(got, ctx)) {
		ssize_t n;

		r = await(fd, POLLIN, until, err);
		if (r <= 0)
			return r;
		n = recv(fd, chunk, sizeof(chunk), 0);
		if (n <= 0)
			return 0;
		buf_add(got, chunk, (size_t)n);
		r = 0;
	}
	return r;
}

bool probe_text_matches(const struct probe_pattern *p, const char *text, size_t size)
{
	char line[PROBE_LINE_MAX + 1];

	while (size > 0) {
		const char *end = memchr(text, '\n', size);
		size_t n = end ? (size_t)(end - text) : size, shown = n;

		if (shown > 0 && text[shown - 1] == '\r')
			shown--;
		if (shown > PROBE_LINE_MAX)
			shown = PROBE_LINE_MAX;
		memcpy(line, text, shown);
		line[shown] = 0;
		if (probe_pattern_matches(p, line))
			return true;
		n += end ? 1 : 0;
		text += n;
		size -= n;
	}
	return false;
}
