/* SPDX-License-Identifier: Apache-2.0 */
#include "metadata/web.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"

enum {
	HTTP_PORT = 80,
	REQUEST_MAX = 64 << 10,
	/* A chunk may be one byte, with five or more around it. */
	ANSWER_MAX = WEB_HEAD_MAX + 8 * WEB_BODY_MAX,
	PRIVILEGED_FIRST = 1023,
	PRIVILEGED_LAST = 512,
};

/* 0, or -ETIMEDOUT; what is wrong with the descriptor, the next call says. */
static int wait_for(int fd, short events, uint64_t end)
{
	for (;;) {
		uint64_t now = clock_ms();
		struct pollfd p = {.fd = fd, .events = events};
		int n = now < end ? poll(&p, 1, (int)(end - now)) : 0;

		if (n > 0)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

static int connect_until(int fd, const struct sockaddr_in *to, uint64_t end)
{
	int why = 0, r;
	socklen_t size = sizeof(why);

	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	r = wait_for(fd, POLLOUT, end);
	if (r == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &size) < 0)
		why = errno;
	return r < 0 ? r : -why;
}

/* A descriptor that is connected, from this port (0: any), or -errno. */
static int open_from(const struct sockaddr_in *to, uint16_t port, uint64_t end)
{
	CLEANUP(fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons(port)};
	int r;

	if (fd < 0 || (port && bind(fd, (const struct sockaddr *)&from, sizeof(from)) < 0))
		return -errno;
	r = connect_until(fd, to, end);
	return r < 0 ? r : fd_steal(&fd);
}

static int open_to(const struct web_request *q, uint32_t address, uint64_t end)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(q->port ? q->port : HTTP_PORT),
		.sin_addr.s_addr = htonl(address),
	};
	uint16_t port = PRIVILEGED_FIRST;
	int fd = -EADDRINUSE;

	if (!q->privileged)
		return open_from(&to, 0, end);
	/* A port that was used a moment ago is not free for the same server. */
	for (; port >= PRIVILEGED_LAST && (fd == -EADDRINUSE || fd == -EADDRNOTAVAIL); port--)
		fd = open_from(&to, port, end);
	return fd;
}

static int send_all(int fd, const char *p, size_t size, uint64_t end)
{
	while (size) {
		ssize_t n = send(fd, p, size, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n < 0 && wait_for(fd, POLLOUT, end) < 0)
			return -ETIMEDOUT;
		p += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* The number of bytes, 0 at the end, or -errno. */
static ssize_t receive(int fd, void *p, size_t size, uint64_t end)
{
	/* The time is over even for a server that always has more. */
	for (;;) {
		int r = wait_for(fd, POLLIN, end);
		ssize_t n = r == 0 ? recv(fd, p, size, 0) : 0;

		if (r < 0)
			return r;
		if (n >= 0)
			return n;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
}

static int read_answer(int fd, uint64_t end, struct web_answer *ret, struct werr **err)
{
	CLEANUP(web_parser) struct web_parser parser = WEB_PARSER();
	CLEANUP(buf) struct buf all = BUF_INIT(ANSWER_MAX);
	int r = 0;

	while (r == 0) {
		char *to = buf_reserve(&all, IO_CHUNK);
		ssize_t n = to ? receive(fd, to, IO_CHUNK, end) : 0;

		if (!to)
			return werr_set(err, WERR_LIMIT, "the answer is longer than %d bytes",
				(int)ANSWER_MAX);
		if (n < 0)
			return werr_errno(err, (int)-n, "no answer");
		all.len += (size_t)n;
		r = web_parse(&parser, all.data, all.len, n == 0, ret, err);
	}
	return r < 0 ? r : 0;
}

static int make_request(const struct web_request *q, struct buf *ret, struct werr **err)
{
	buf_printf(ret, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: wherry\r\nAccept: */*\r\n",
		q->method ? q->method : "GET", q->path, q->host);
	if (q->body || (q->method && !str_eq(q->method, "GET")))
		buf_printf(ret, "Content-Length: %zu\r\n", q->body ? strlen(q->body) : 0);
	buf_printf(ret, "%sConnection: close\r\n\r\n%s", q->lines ? q->lines : "",
		q->body ? q->body : "");
	return buf_error(ret) == 0 ? 0 : werr_set(err, WERR_LIMIT, "the request is too long");
}

int web_ask(
	const struct web_request *q, unsigned limit_ms, struct web_answer *ret, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(REQUEST_MAX);
	CLEANUP(fd) int fd = -1;
	uint64_t end = clock_ms() + limit_ms, connect_end = clock_ms() + WEB_CONNECT_MS;
	uint32_t address = q->address;
	int r = make_request(q, &text, err);

	if (r == 0 && !address)
		r = web_find(q->host, limit_ms, &address, err);
	if (r < 0)
		return r;
	fd = open_to(q, address, connect_end < end ? connect_end : end);
	if (fd < 0)
		return werr_errno(err, -fd, "no connection");
	r = send_all(fd, text.data, text.len, end);
	if (r < 0)
		return werr_errno(err, -r, "the request can't be sent");
	return read_answer(fd, end, ret, err);
}

/* In a process of its own, as the C library waits as long as resolv.conf says. */
static void find_and_tell(const char *host, int to)
{
	const struct addrinfo wanted = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	struct sockaddr_in in;

	if (getaddrinfo(host, NULL, &wanted, &found) == 0 && found &&
		found->ai_addrlen == sizeof(in)) {
		memcpy(&in, found->ai_addr, sizeof(in));
		fd_write_all(to, &in.sin_addr.s_addr, sizeof(in.sin_addr.s_addr));
	}
	_exit(0);
}

int web_find(const char *host, unsigned limit_ms, uint32_t *ret, struct werr **err)
{
	uint64_t end = clock_ms() + limit_ms;
	uint32_t address;
	int pipes[2], r;
	ssize_t n = 0;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return werr_errno(err, errno, "can't make a pipe");
	pid = fork();
	if (pid == 0)
		find_and_tell(host, pipes[1]);
	close(pipes[1]);
	r = pid < 0 ? -errno : wait_for(pipes[0], POLLIN, end);
	if (r == 0)
		n = read(pipes[0], &address, sizeof(address));
	close(pipes[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	if (r < 0)
		return werr_errno(err, -r, "can't look up %s", host);
	if (n != sizeof(address))
		return werr_set(err, WERR_NOT_FOUND, "the name %s has no IPv4 address", host);
	*ret = ntohl(address);
	return 0;
}
