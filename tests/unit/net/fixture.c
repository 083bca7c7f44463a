/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/io.h"

/*
 * How many bytes of the request are read; 0: not known yet. A body that is too large is left, which
 * *ret_left says.
 */
static size_t request_size(const char *text, bool *ret_left)
{
	const char *end = strstr(text, "\r\n\r\n"), *length = strstr(text, "\r\nContent-Length: ");
	uint64_t body = 0;

	if (!end)
		return 0;
	if (length && length < end)
		body = strtoull(length + strlen("\r\nContent-Length: "), NULL, 10);
	*ret_left = body > FIXTURE_BODY_MAX;
	return (size_t)(end - text) + 4 + (*ret_left ? 0 : (size_t)body);
}

/* Whether a body is left. */
static bool take_request(struct server *s, int fd)
{
	bool left = false;
	CLEANUP(buf) struct buf text = BUF_INIT(1 << 20);
	char chunk[4096];
	size_t size = 0;
	ssize_t n;

	while ((!size || text.len < size) && (n = read(fd, chunk, sizeof(chunk))) > 0) {
		buf_add(&text, chunk, (size_t)n);
		size = request_size(buf_str(&text), &left);
	}
	strv_take(&s->requests, buf_steal(&text));
	return left;
}

/* Read what is left: closed with it, the connection is reset, and the answer may be lost. */
static void read_left(int fd)
{
	const struct timeval limit = {.tv_sec = 60};
	char chunk[4096];

	(void)shutdown(fd, SHUT_WR);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	while (read(fd, chunk, sizeof(chunk)) > 0)
		;
}

/* "%s" in an answer becomes the server's address. */
static void answer(struct server *s, int fd, const char *text)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 20);
	const char *hole = strstr(text, "%s");

	buf_add(&out, text, hole ? (size_t)(hole - text) : strlen(text));
	if (hole)
		buf_printf(&out, "%s%s", s->base, hole + 2);
	(void)fd_write_all(fd, buf_str(&out), out.len);
}

static void *serve(void *ctx)
{
	struct server *s = ctx;

	for (size_t i = 0; s->answers[i]; i++) {
		int fd = accept(s->fd, NULL, NULL);
		bool left;

		if (fd < 0)
			break;
		left = take_request(s, fd);
		answer(s, fd, s->answers[i]);
		if (left)
			read_left(fd);
		close(fd);
	}
	return NULL;
}

struct server *server_start(const char *const *answers)
{
	struct server *s = mem_new(struct server);
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	s->answers = answers;
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(s->fd, 16), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&address, &size), 0);
	s->port = ntohs(address.sin_port);
	s->base = str_printf("http://127.0.0.1:%u", s->port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
	return s;
}

void server_stop(struct server *s)
{
	if (s->fd < 0)
		return;
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(fd_steal(&s->fd));
}

void server_free(struct server *s)
{
	server_stop(s);
	strv_clear(&s->requests);
	free(s->base);
	free(s);
}

struct net *fixture_net(void)
{
	struct net_options options = {.timeout_seconds = 2};
	struct werr *err = NULL;
	struct net *n = NULL;

	assert_ok(net_open(&n, &options, &err), err);
	return n;
}
