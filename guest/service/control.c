/* SPDX-License-Identifier: Apache-2.0 */
#include "service/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "service/connection.h"

enum { CONNECTIONS_MAX = 64, BACKLOG = 16, STATUS_MAX = 64 * 1024 };
#define SYS_ADMIN (UINT64_C(1) << 21) /* CAP_SYS_ADMIN, linux/capability.h */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif

struct control {
	struct supervisor *s;
	struct loop_source listen;
	struct connection *connections[CONNECTIONS_MAX];
	size_t n;
};

int control_listen(const char *path, int type, struct werr **err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	CLEANUP(fd) int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;
	int r;

	if (fd < 0)
		return werr_errno(err, errno, "can't make a socket");
	if (str_copy(address.sun_path, sizeof(address.sun_path), path) < 0)
		return werr_set(err, WERR_INVALID, "the path %s is too long", path);
	unlink(path);
	mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (r < 0 || (type == SOCK_STREAM && listen(fd, BACKLOG) < 0))
		return werr_errno(err, errno, "can't listen on %s", path);
	return fd_steal(&fd);
}

/*
 * One that is gone already is in none. The kernel shows us the namespaces of all that are below
 * ours; it is silent only of what has more power than we have, as in a container with few rights
 * (ptrace(2), "access mode checking").
 */
static bool in_our_user_namespace(pid_t pid)
{
	CLEANUP(free) char *path = str_printf("/proc/%d/ns/user", (int)pid);
	struct stat own, other;

	if (stat(path, &other) < 0)
		return errno == EACCES;
	return stat("/proc/self/ns/user", &own) == 0 && own.st_dev == other.st_dev &&
	       own.st_ino == other.st_ino;
}

bool control_parse_admin(const char *status)
{
	CLEANUP(strv) struct strv lines = {0};
	const char *line;
	uint64_t mask;

	strv_split(&lines, status, '\n');
	STRV_FOREACH (line, &lines)
		if (str_after(line, "CapEff:\t"))
			return str_to_u64(line + strlen("CapEff:\t"), 16, &mask) == 0 &&
			       (mask & SYS_ADMIN);
	return false;
}

static bool is_admin(const char *status_path)
{
	char text[STATUS_MAX];

	return file_read_small(status_path, text, sizeof(text)) > 0 && control_parse_admin(text);
}

/*
 * We start programs in any container, so only those may ask who could do that themselves. Without
 * the power of our own there is nothing to lend.
 */
static bool has_our_power(pid_t pid)
{
	char path[32];

	str_format(path, sizeof(path), "/proc/%d/status", (int)pid);
	return is_admin(path) || !is_admin("/proc/self/status");
}

/*
 * Is what was read of /proc/PID the peer's? Its number may be another's by now; older kernels can't
 * tell.
 */
static bool is_still_there(int peer)
{
	CLEANUP(fd) int fd = -1;
	socklen_t size = sizeof(fd);

	if (getsockopt(peer, SOL_SOCKET, SO_PEERPIDFD, &fd, &size) < 0)
		return errno == ENOPROTOOPT;
	return syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0) == 0 || errno == EPERM;
}

/* User ids are those of our user namespace. Root of another one may have the same, but has no power
 * here. */
static bool may_ask(int fd, bool memlog)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == 0 &&
	       in_our_user_namespace(peer.pid) && (memlog || has_our_power(peer.pid)) &&
	       is_still_there(fd);
}

static void refuse(int fd, const char *why)
{
	CLEANUP(free) char *answer = str_printf("{\"error\":\"%s\"}\n", why);
	char question[4096];

	send(fd, answer, strlen(answer), MSG_NOSIGNAL);
	/* Left unread, it would take the answer with it when we close. */
	recv(fd, question, sizeof(question), 0);
}

void control_accept(struct control *c, int listen, bool memlog)
{
	CLEANUP(fd) int fd = accept4(listen, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (!may_ask(fd, memlog))
		refuse(fd, memlog ? "only root may ask" : "only root with CAP_SYS_ADMIN may ask");
	else if (c->n == CONNECTIONS_MAX)
		refuse(fd, "too many ask at the same time; try again");
	else
		c->connections[c->n++] = connection_new(c->s, fd_steal(&fd), memlog);
}

static void listen_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	control_accept(CONTAINER_OF(source, struct control, listen), source->fd, false);
}

int control_open(
	struct control **ret, struct supervisor *s, const char *path, int kept, struct werr **err)
{
	struct control *c;
	int fd = kept >= 0 ? kept : control_listen(path, SOCK_STREAM, err);

	if (fd < 0)
		return fd;
	env_keep(&s->env, "listen", "control", fd);
	c = mem_new(struct control);
	c->s = s;
	c->listen = (struct loop_source){fd, listen_ready};
	loop_add(s->env.loop, &c->listen, EPOLLIN);
	*ret = c;
	return 0;
}

void control_close(struct control *c)
{
	if (!c)
		return;
	while (c->n)
		connection_free(c->connections[--c->n]);
	loop_close(c->s->env.loop, &c->listen);
	free(c);
}

void control_serve(struct control *c)
{
	size_t kept = 0;

	for (size_t i = 0; c && i < c->n; i++) {
		struct connection *one = c->connections[i];

		connection_serve(one);
		if (one->step == CONNECTION_OVER)
			connection_free(one);
		else
			c->connections[kept++] = one;
	}
	if (c)
		c->n = kept;
}

bool control_child_ended(struct control *c, pid_t pid, int status)
{
	for (size_t i = 0; c && i < c->n; i++) {
		if (!c->connections[i]->program || c->connections[i]->program != pid)
			continue;
		connection_program_ended(c->connections[i], status);
		return true;
	}
	return false;
}
