/* SPDX-License-Identifier: Apache-2.0 */
#include "log/memlog.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "common/console.h"
#include "common/kept.h"
#include "common/passfd.h"
#include "common/socket.h"
#include "contract/wherry.h"
#include "log/stream.h"

enum { OTHERS_MAX = 64, NAME_MAX_BYTES = 64, LOG_SIZE = 16 * 1024 };
static const char log_path[] = "/run/linuxkit-external-logging.sock";
/* Prefix of the names under which PID 1 keeps streams that do not belong to a container. */
static const char other[] = "other/";

static struct stream *find_other(struct env *env, const char *name)
{
	CLEANUP(free) char *key = str_printf("%s%s", other, name);
	size_t others = 0;

	for (size_t i = 0; i < env->n_streams; i++) {
		struct stream *s = env->streams[i];

		if (s->key && str_eq(s->key, key))
			return s;
		others += s->key && str_after(s->key, other);
	}
	return others < OTHERS_MAX ? stream_new(env, name, key, LOG_SIZE) : NULL;
}

/* The name becomes part of a path, and of "KIND:NAME=NUMBER" (common/kept.h). */
void memlog_name(char *name)
{
	for (char *p = name; *p; p++)
		if (*p <= ' ' || *p == '/' || *p == '=' || *p > '~')
			*p = '_';
	/* What is said in its name is the supervisor's. */
	if (str_eq(name, OWN_NAME))
		*name = '_';
}

static void log_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct memlog *m = CONTAINER_OF(source, struct memlog, source);
	char name[NAME_MAX_BYTES + 1] = {0};
	int fds[PASSFD_MAX];
	size_t n_fds;
	ssize_t n = passfd_receive(source->fd, name, NAME_MAX_BYTES, fds, &n_fds);

	memlog_name(name);
	for (size_t i = 0; n >= 0 && i < n_fds; i++) {
		struct stream *s = find_other(m->env, *name ? name : "unnamed");

		if (s)
			stream_begin(s, fds[i]);
		else
			close(fds[i]);
	}
}

/* Take over the streams of an earlier supervisor. */
static void attach_others(struct memlog *m, char **kept)
{
	for (char **k = kept; *k; k++) {
		const char *log = str_after(*k, "log:other/");
		const char *rest = log ? log : str_after(*k, "out:other/");
		CLEANUP(free) char *name = rest ? str_dup_n(rest, strcspn(rest, "=")) : NULL;
		struct stream *s = name ? find_other(m->env, name) : NULL;

		/* Most have a log and an output; the first of the two attaches both. */
		if (s && !s->ring.head && s->source.fd < 0)
			stream_attach(
				s, kept_take(kept, "log", s->key), kept_take(kept, "out", s->key));
	}
}

void memlog_init(struct memlog *m, struct env *env)
{
	*m = (struct memlog){.env = env, .source = {-1, log_ready}};
}

void memlog_open(struct memlog *m, char **kept)
{
	struct werr *err = NULL;
	int fd = kept_take(kept, "listen", "memlog");

	if (fd < 0)
		fd = socket_listen(log_path, SOCK_DGRAM, &err);
	if (fd < 0) {
		console_error(&err, "supervisor", "continuing without it");
	} else {
		m->source.fd = fd;
		loop_add(m->env->loop, &m->source, EPOLLIN);
		kept_put(m->env->channel, "listen", "memlog", fd);
	}
	attach_others(m, kept);
}

void memlog_close(struct memlog *m)
{
	loop_close(m->env->loop, &m->source);
}

bool memlog_hand_over(const char *name, int fd)
{
	CLEANUP(fd) int sock = socket_connect(log_path, SOCK_DGRAM | SOCK_NONBLOCK);

	return sock >= 0 && passfd_send(sock, name, strlen(name), &fd, 1) >= 0;
}
