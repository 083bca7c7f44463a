/* SPDX-License-Identifier: Apache-2.0 */
/* Ports that are published on IPv6 addresses, which QEMU does not listen on. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/taken-port.h"
#include "vm/publish.h"

enum {
	LINKS_MAX = 128, /* connections at once; others wait until one ends */
	BACKLOG = 64,
	CHUNK = 16 << 10,
	FDS_OF_LINK = 2,
	NO_DESCRIPTORS_MS = 100,
};

/* One direction of a connection. */
struct flow {
	size_t from, to; /* in buffer: what is still to be written */
	bool ended;      /* no more comes */
	bool shut;       /* and the other side knows */
	char buffer[CHUNK];
};

/* sides[0] is the client, sides[1] QEMU; flows[i] is what comes from sides[i]. */
struct link {
	int sides[2];
	struct flow flows[2];
};

struct door {
	int listening;
	/* bound to the port below, so that no one else gets it before QEMU listens there */
	int reserved;
	struct sockaddr_in to;
};

struct vm_relay {
	pthread_t thread;
	bool started;
	int stop[2]; /* a pipe; closing stop[1] ends the thread */
	struct door *doors;
	size_t n_doors;
	struct link *links[LINKS_MAX];
	size_t n_links;
};

/* ---- connections ---- */

static void link_free(struct link *l)
{
	for (int i = 0; i < 2; i++)
		if (l->sides[i] >= 0)
			close(l->sides[i]);
	free(l);
}

static void take_connection(struct vm_relay *r, const struct door *d)
{
	struct link *l;
	int client = accept4(d->listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), res;

	if (client < 0) {
		/*
		 * Without free descriptors, poll() would report the waiting client again at once.
		 */
		if (errno == EMFILE || errno == ENFILE)
			poll(NULL, 0, NO_DESCRIPTORS_MS);
		return;
	}
	l = mem_new(struct link);
	l->sides[0] = client;
	l->sides[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	res = l->sides[1] < 0
		      ? -1
		      : connect(l->sides[1], (const struct sockaddr *)&d->to, sizeof(d->to));
	if (res < 0 && errno != EINPROGRESS) {
		link_free(l);
		return;
	}
	r->links[r->n_links++] = l;
}

static bool would_wait(void)
{
	return errno == EAGAIN || errno == EINTR || errno == ENOTCONN || errno == EINPROGRESS;
}

/* Move what can be moved from side i to the other; false: the connection is broken. */
static bool move(struct link *l, int i)
{
	struct flow *f = &l->flows[i];
	ssize_t n;

	if (f->from == f->to && !f->ended) {
		n = recv(l->sides[i], f->buffer, sizeof(f->buffer), 0);
		if (n < 0 && !would_wait())
			return false;
		f->ended = n == 0;
		f->from = 0;
		f->to = n > 0 ? (size_t)n : 0;
	}
	if (f->from < f->to) {
		n = send(l->sides[!i], f->buffer + f->from, f->to - f->from, MSG_NOSIGNAL);
		if (n < 0 && !would_wait())
			return false;
		f->from += n > 0 ? (size_t)n : 0;
	}
	if (f->ended && f->from == f->to && !f->shut)
		f->shut = shutdown(l->sides[!i], SHUT_WR) == 0;
	return true;
}

static short events_of(const struct link *l, int i)
{
	const struct flow *in = &l->flows[i], *out = &l->flows[!i];

	return (short)((in->from == in->to && !in->ended ? POLLIN : 0) |
		       (out->from < out->to ? POLLOUT : 0));
}

/* false: the connection is over. */
static bool serve(struct link *l, const struct pollfd fds[2])
{
	if ((fds[0].revents | fds[1].revents) & (POLLERR | POLLNVAL))
		return false;
	if (!move(l, 0) || !move(l, 1))
		return false;
	return !(l->flows[0].shut && l->flows[1].shut);
}

/* ---- the thread ---- */

static size_t list_fds(const struct vm_relay *r, struct pollfd *fds)
{
	size_t n = 0;

	fds[n++] = (struct pollfd){.fd = r->stop[0], .events = POLLIN};
	for (size_t i = 0; i < r->n_doors; i++)
		fds[n++] =
			(struct pollfd){.fd = r->n_links < LINKS_MAX ? r->doors[i].listening : -1,
				.events = POLLIN};
	for (size_t i = 0; i < r->n_links; i++)
		for (int k = 0; k < FDS_OF_LINK; k++) {
			short events = events_of(r->links[i], k);

			/*
			 * A descriptor that nothing is expected of is left out: poll() would report
			 * again and again that it hung up.
			 */
			fds[n++] = (struct pollfd){
				.fd = events ? r->links[i]->sides[k] : -1, .events = events};
		}
	return n;
}

static void *run(void *ctx)
{
	struct vm_relay *r = ctx;
	struct pollfd *fds =
		mem_new_array(struct pollfd, 1 + r->n_doors + FDS_OF_LINK * (size_t)LINKS_MAX);

	for (;;) {
		size_t n = list_fds(r, fds), first = 1 + r->n_doors, kept = 0;

		if (poll(fds, n, -1) < 0)
			continue;
		if (fds[0].revents)
			break;
		for (size_t i = 0; i < r->n_links; i++) {
			struct link *l = r->links[i];

			if (serve(l, &fds[first + FDS_OF_LINK * i]))
				r->links[kept++] = l;
			else
				link_free(l);
		}
		r->n_links = kept;
		for (size_t i = 0; i < r->n_doors; i++)
			if (fds[1 + i].revents && r->n_links < LINKS_MAX)
				take_connection(r, &r->doors[i]);
	}
	free(fds);
	return NULL;
}

/* ---- setting it up ---- */

static int open_door(struct door *d, const struct vm_publish *p, uint16_t port, struct werr **err)
{
	struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	socklen_t size = sizeof(d->to);
	const int on = 1;

	inet_pton(AF_INET6, p->address, &at.sin6_addr);
	d->to = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	d->listening = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	d->reserved = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (d->listening < 0 || d->reserved < 0)
		return werr_errno(err, errno, "can't make a socket");
	setsockopt(d->listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(d->listening, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	/*
	 * With this option, which QEMU sets as well, QEMU can listen on the port although this
	 * socket is bound to it.
	 */
	setsockopt(d->reserved, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(d->listening, (struct sockaddr *)&at, sizeof(at)) < 0 ||
		listen(d->listening, BACKLOG) < 0)
		return errno == EADDRINUSE
			       ? taken_port_error(p->address, (uint16_t)port, false, err)
			       : werr_errno(
					 err, errno, "can't listen on [%s]:%u", p->address, port);
	if (bind(d->reserved, (struct sockaddr *)&d->to, sizeof(d->to)) < 0 ||
		getsockname(d->reserved, (struct sockaddr *)&d->to, &size) < 0)
		return werr_errno(err, errno, "can't reserve a port of 127.0.0.1");
	return 0;
}

static int add_doors(
	struct vm_relay *r, const struct vm_publish *p, struct strv *list, struct werr **err)
{
	for (unsigned i = 0; i < p->count; i++) {
		struct door *d;
		int res;

		if (r->n_doors == VM_PUBLISH_MAX)
			return werr_set(err, WERR_LIMIT,
				"too many ports are published: %d are possible", VM_PUBLISH_MAX);
		d = &r->doors[r->n_doors++];
		res = open_door(d, p, (uint16_t)(p->host + i), err);
		if (res < 0)
			return res;
		strv_addf(list, "127.0.0.1:%u:%u", ntohs(d->to.sin_port), p->guest + i);
		log_detail("[%s]:%u is forwarded through 127.0.0.1:%u", p->address, p->host + i,
			ntohs(d->to.sin_port));
	}
	return 0;
}

static int open_doors(
	struct vm_relay *r, const struct strv *publish, struct strv *list, struct werr **err)
{
	const char *text;
	int res = 0;

	r->doors = mem_new_array(struct door, VM_PUBLISH_MAX);
	STRV_FOREACH (text, publish) {
		struct vm_publish p;

		res = vm_publish_parse(text, &p, err);
		if (res == 0 && p.v6)
			res = add_doors(r, &p, list, err);
		else if (res == 0)
			strv_add(list, text);
		if (res < 0)
			return res;
	}
	return 0;
}

int vm_relay_start(
	const struct strv *publish, struct strv *ret_list, struct vm_relay **ret, struct werr **err)
{
	struct vm_relay *r = mem_new(struct vm_relay);
	CLEANUP(strv) struct strv list = {0};
	int res;

	r->stop[0] = r->stop[1] = -1;
	res = open_doors(r, publish, &list, err);
	if (res == 0 && r->n_doors > 0 && pipe2(r->stop, O_CLOEXEC) < 0)
		res = werr_errno(err, errno, "can't make a pipe");
	if (res == 0 && r->n_doors > 0) {
		int problem = pthread_create(&r->thread, NULL, run, r);

		r->started = problem == 0;
		res = problem ? werr_errno(err, problem, "can't start a thread") : 0;
	}
	if (res < 0 || r->n_doors == 0) {
		vm_relay_free(r);
		r = NULL;
	}
	if (res == 0) {
		*ret_list = list;
		list = (struct strv){0};
		*ret = r;
	}
	return res;
}

void vm_relay_free(struct vm_relay *r)
{
	if (!r)
		return;
	if (r->stop[1] >= 0)
		close(r->stop[1]);
	if (r->started)
		pthread_join(r->thread, NULL);
	if (r->stop[0] >= 0)
		close(r->stop[0]);
	for (size_t i = 0; i < r->n_links; i++)
		link_free(r->links[i]);
	for (size_t i = 0; i < r->n_doors; i++) {
		if (r->doors[i].listening >= 0)
			close(r->doors[i].listening);
		if (r->doors[i].reserved >= 0)
			close(r->doors[i].reserved);
	}
	free(r->doors);
	free(r);
}
