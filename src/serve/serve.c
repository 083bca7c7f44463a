/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/serve.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "serve/serve-file.h"
#include "serve/serve-listen.h"
#include "serve/serve-request.h"

enum {
	CLIENTS_MAX = 64, /* others wait until one is done */
	IDLE_MS = 30000,
	ANSWER_MAX = 1024,
	CHUNK = 1 << 20,
};

/* A connection: first the request is read, then the answer's head is sent, then the file. */
struct client {
	int fd, file;    /* file: -1 without one */
	uint64_t active; /* when something was last done: clock_ms() */
	size_t n;        /* bytes of the request */
	bool answering;
	size_t sent, answer_size;
	uint64_t left; /* bytes of the file */
	char request[SERVE_HEAD_MAX], answer[ANSWER_MAX];
};

struct server {
	int listening, directory;
	struct client *clients[CLIENTS_MAX];
	size_t n;
};

static const char *reason(unsigned status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 431:
		return "Request Header Fields Too Large";
	case 505:
		return "HTTP Version Not Supported";
	default:
		return "Internal Server Error";
	}
}

static void begin_answer(
	struct client *c, unsigned status, const char *type, uint64_t size, bool body)
{
	c->answering = true;
	c->left = body ? size : 0;
	str_format(c->answer, sizeof(c->answer),
		"HTTP/1.1 %u %s\r\nContent-Length: %llu\r\nContent-Type: %s\r\n%s"
		"X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
		status, reason(status), (unsigned long long)size, type,
		status == 405 ? "Allow: GET, HEAD\r\n" : "");
	c->answer_size = strlen(c->answer);
}

/* The request is complete, or too long. */
static void answer(const struct server *s, struct client *c)
{
	CLEANUP(serve_request) struct serve_request request = {0};
	unsigned status = 431;
	uint64_t size = 0;

	if (serve_head_complete(c->request, c->n))
		status = serve_request_parse(c->request, c->n, &request);
	if (status == 200)
		status = serve_open(s->directory, request.path, &c->file, &size);
	begin_answer(c, status, status == 200 ? serve_type(request.path) : "text/plain", size,
		status == 200 && !request.head);
	if (request.path)
		log_info("%u %s /%s", status, request.head ? "HEAD" : "GET", request.path);
	else
		log_info("%u %s", status, reason(status));
}

/* false: the connection is over. */
static bool read_request(const struct server *s, struct client *c)
{
	ssize_t n = recv(c->fd, c->request + c->n, sizeof(c->request) - c->n, 0);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	c->n += (size_t)n;
	if (serve_head_complete(c->request, c->n) || c->n == sizeof(c->request))
		answer(s, c);
	return true;
}

static bool send_answer(struct client *c)
{
	ssize_t n;

	if (c->sent < c->answer_size) {
		n = send(c->fd, c->answer + c->sent, c->answer_size - c->sent,
			MSG_NOSIGNAL | (c->left ? MSG_MORE : 0));
		c->sent += n > 0 ? (size_t)n : 0;
	} else if (c->left > 0) {
		n = sendfile(c->fd, c->file, NULL, c->left < CHUNK ? (size_t)c->left : CHUNK);
		/* The file has become shorter: what was promised can't be sent. */
		if (n == 0)
			return false;
		c->left -= n > 0 ? (uint64_t)n : 0;
	} else {
		return false;
	}
	return n >= 0 || errno == EAGAIN || errno == EINTR;
}

static void client_free(struct client *c)
{
	if (c->answering)
		shutdown(c->fd, SHUT_WR);
	close(c->fd);
	if (c->file >= 0)
		close(c->file);
	free(c);
}

static void take_client(struct server *s)
{
	int fd = accept4(s->listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *c;

	if (fd < 0)
		return;
	c = mem_new(struct client);
	c->fd = fd;
	c->file = -1;
	c->active = clock_ms();
	s->clients[s->n++] = c;
}

static void serve_clients(struct server *s, const struct pollfd *fds)
{
	uint64_t now = clock_ms();
	size_t kept = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct client *c = s->clients[i];
		bool alive = now - c->active < IDLE_MS;

		if (fds[i].revents) {
			c->active = now;
			alive = c->answering ? send_answer(c) : read_request(s, c);
		}
		if (alive)
			s->clients[kept++] = c;
		else
			client_free(c);
	}
	s->n = kept;
}

static int run(struct server *s, struct werr **err)
{
	int r = 0;

	while ((r = cancel_check(err)) == 0) {
		struct pollfd fds[CLIENTS_MAX + 1];
		size_t n = s->n;

		for (size_t i = 0; i < n; i++)
			fds[i] = (struct pollfd){.fd = s->clients[i]->fd,
				.events = s->clients[i]->answering ? POLLOUT : POLLIN};
		fds[n] = (struct pollfd){
			.fd = n < CLIENTS_MAX ? s->listening : -1, .events = POLLIN};
		if (poll(fds, n + 1, n > 0 ? 1000 : -1) < 0)
			continue;
		serve_clients(s, fds);
		if (fds[n].revents)
			take_client(s);
	}
	return r;
}

int serve_directory(const struct serve_options *o, struct werr **err)
{
	CLEANUP(fd) int listening = -1;
	CLEANUP(fd) int directory = -1;
	CLEANUP(free) char *url = NULL;
	struct server s = {0};
	int r = serve_listen(o->port, &listening, &url, err);

	if (r == 0)
		r = serve_enter(o->directory, &directory, err);
	if (r < 0)
		return r;
	s.listening = listening;
	s.directory = directory;
	o->ready(url, o->ctx);
	r = run(&s, err);
	for (size_t i = 0; i < s.n; i++)
		client_free(s.clients[i]);
	return r;
}
