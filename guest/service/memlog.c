/* SPDX-License-Identifier: Apache-2.0 */
#include "service/memlog.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "common/console.h"
#include "common/passfd.h"
#include "service/control.h"
#include "service/kept.h"

enum { OTHERS_MAX = 64, NAME_MAX_BYTES = 64, LOG_SIZE = 16 * 1024 };
static const char log_path[] = "/run/linuxkit-external-logging.sock";
static const char query_path[] = "/run/memlogdq.sock";
/* What PID 1 keeps of a stream that is no container's is under this and its name. */
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

/* It becomes a part of a path and of PID 1's "KIND:NAME=NUMBER". */
void memlog_name(char *name)
{
	for (char *p = name; *p; p++)
		if (*p <= ' ' || *p == '/' || *p == '=' || *p > '~')
			*p = '_';
}

static void log_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct memlog *m = CONTAINER_OF(source, struct memlog, log);
	char name[NAME_MAX_BYTES + 1] = {0};
	int fds[PASSFD_MAX];
	size_t n_fds;
	ssize_t n = passfd_receive(source->fd, name, NAME_MAX_BYTES, fds, &n_fds);

	memlog_name(name);
	for (size_t i = 0; n >= 0 && i < n_fds; i++) {
		struct stream *s = find_other(&m->s->env, *name ? name : "unnamed");

		if (s)
			stream_begin(s, fds[i]);
		else
			close(fds[i]);
	}
}

static void query_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct memlog *m = CONTAINER_OF(source, struct memlog, query);

	control_accept(m->s->control, source->fd, true);
}

static void open_one(struct memlog *m, struct loop_source *source, const char *path, int type,
	const char *name, char **kept)
{
	struct env *env = &m->s->env;
	struct werr *err = NULL;
	int fd = kept_take(kept, "listen", name);

	if (fd < 0)
		fd = control_listen(path, type, &err);
	if (fd < 0) {
		console_error(&err, "supervisor", "goes on without it");
		return;
	}
	source->fd = fd;
	loop_add(env->loop, source, EPOLLIN);
	env_keep(env, "listen", name, fd);
}

/* Those that an earlier supervisor read. */
static void attach_others(struct memlog *m, char **kept)
{
	for (char **k = kept; *k; k++) {
		const char *log = str_after(*k, "log:other/");
		const char *rest = log ? log : str_after(*k, "out:other/");
		CLEANUP(free) char *name = rest ? str_dup_n(rest, strcspn(rest, "=")) : NULL;
		struct stream *s = name ? find_other(&m->s->env, name) : NULL;

		/* Most have both. */
		if (s && !s->ring.head && s->source.fd < 0)
			stream_attach(
				s, kept_take(kept, "log", s->key), kept_take(kept, "out", s->key));
	}
}

void memlog_open(struct memlog *m, struct supervisor *s, char **kept)
{
	*m = (struct memlog){.s = s, .log = {-1, log_ready}, .query = {-1, query_ready}};
	s->env.memlogd = supervisor_find(s, "memlogd") != NULL;
	if (s->env.memlogd || !s->control)
		return;
	open_one(m, &m->log, log_path, SOCK_DGRAM, "memlog", kept);
	open_one(m, &m->query, query_path, SOCK_STREAM, "memlogdq", kept);
	attach_others(m, kept);
}

void memlog_close(struct memlog *m)
{
	loop_close(m->s->env.loop, &m->log);
	loop_close(m->s->env.loop, &m->query);
}

bool memlog_hand_over(const char *name, int fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	CLEANUP(fd) int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	str_copy(address.sun_path, sizeof(address.sun_path), log_path);
	return sock >= 0 &&
	       connect(sock, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	       passfd_send(sock, name, strlen(name), &fd, 1) >= 0;
}
