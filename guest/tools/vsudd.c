/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/vsudd.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/mem.h"
#include "common/loop.h"
#include "tools/args.h"
#include "tools/relay.h"
#include "tools/vsock.h"

enum { RELAYS_MAX = 256 };

struct server;

struct listener {
	struct loop_source source;
	const struct forward *forward;
	struct server *server;
};

struct server {
	int loop;
	bool local;
	struct listener listeners[VSUDD_FORWARDS_MAX];
	size_t n_listeners;
	struct relay *relays[RELAYS_MAX];
	size_t n_relays;
};

int vsudd_parse(int argc, char **argv, struct strv *texts, struct vsudd *ret, struct werr **err)
{
	struct vsudd v = {0};
	CLEANUP(strv) struct strv words = {0};
	const struct arg options[] = {
		{"inport", ARG_TEXTS, texts}, {"local", ARG_FLAG, &v.local}, {0}};
	int r = args_parse(options, argc, argv, &words, err);

	if (r == 0 && words.n)
		r = werr_set(err, WERR_USAGE, "'%.80s' is one word too many", words.items[0]);
	if (r == 0 && (texts->n == 0 || texts->n > VSUDD_FORWARDS_MAX)) {
		r = werr_set(err, WERR_USAGE, "1 to %d ports are forwarded, not %zu",
			VSUDD_FORWARDS_MAX, texts->n);
		werr_hint(err, "usage: vsudd -inport PORT:unix:/PATH... [-local]");
	}
	for (; r == 0 && v.n < texts->n; v.n++)
		r = forward_parse(texts->items[v.n], &v.forwards[v.n], err);
	if (r == 0)
		*ret = v;
	return r;
}

/* A socket that is connected to the target, or will be. The descriptor, or -errno. */
static int connect_to(const struct forward *f)
{
	CLEANUP(fd)
	int fd = socket(f->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&f->address, f->size) < 0 && errno != EINPROGRESS)
		return -errno;
	return fd_steal(&fd);
}

static void add_relay(struct server *s, const struct forward *f, int front)
{
	int back = connect_to(f);
	struct relay *relay;

	if (back < 0) {
		fprintf(stderr, "vsudd: %s: can't connect: %s\n", f->text, strerror(-back));
		close(front);
		return;
	}
	relay = relay_new(s->loop, front, back);
	if (relay)
		s->relays[s->n_relays++] = relay;
}

static void listener_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct listener *l = CONTAINER_OF(source, struct listener, source);
	struct server *s = l->server;
	int fd;

	if (s->n_relays == RELAYS_MAX)
		return;
	fd = vsock_accept(source->fd, s->local);
	if (fd >= 0)
		add_relay(s, l->forward, fd);
	else if (fd == -EACCES)
		fprintf(stderr, "vsudd: %s: a connection that is not the host's was closed\n",
			l->forward->text);
}

static void free_what_is_over(struct server *s)
{
	for (size_t i = s->n_relays; i-- > 0;) {
		if (!relay_is_over(s->relays[i]))
			continue;
		relay_free(s->relays[i]);
		s->relays[i] = s->relays[--s->n_relays];
	}
}

/* Nobody else is let in while there are as many connections as there may be. */
static void run(struct server *s)
{
	for (;;) {
		if (s->n_relays < RELAYS_MAX)
			for (size_t i = 0; i < s->n_listeners; i++)
				loop_change(
					s->loop, &s->listeners[i].source, EPOLLIN | EPOLLONESHOT);
		loop_wait(s->loop, -1);
		free_what_is_over(s);
	}
}

static int start(struct server *s, const struct vsudd *v, struct werr **err)
{
	s->local = v->local;
	s->loop = loop_new();
	if (s->loop < 0)
		return werr_errno(err, errno, "can't make an event loop");
	for (; s->n_listeners < v->n; s->n_listeners++) {
		struct listener *l = &s->listeners[s->n_listeners];
		int fd = vsock_listen(v->forwards[s->n_listeners].port, err);

		if (fd < 0)
			return fd;
		*l = (struct listener){{fd, listener_ready}, &v->forwards[s->n_listeners], s};
		if (loop_add(s->loop, &l->source, EPOLLONESHOT) < 0)
			return werr_errno(err, errno, "can't wait for connections");
		printf("vsudd: forwards %s\n", l->forward->text);
	}
	fflush(stdout);
	return 0;
}

static void end(ATTR_UNUSED int signal)
{
	_exit(0);
}

int vsudd_main(int argc, char **argv)
{
	static struct server server;
	CLEANUP(strv) struct strv texts = {0};
	CLEANUP(werr) struct werr *err = NULL;
	struct vsudd v = {0};

	signal(SIGTERM, end);
	signal(SIGINT, end);
	if (vsudd_parse(argc, argv, &texts, &v, &err) == 0 && start(&server, &v, &err) == 0)
		run(&server);
	return args_report("vsudd", err);
}
