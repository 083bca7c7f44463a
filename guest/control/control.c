/* SPDX-License-Identifier: Apache-2.0 */
#include "control/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/console.h"
#include "common/kept.h"
#include "common/paths.h"
#include "common/socket.h"
#include "control/connection.h"
#include "control/ports.h"

enum { CONNECTIONS_MAX = 64, STATUS_MAX = 64 * 1024 };
#define SYS_ADMIN (UINT64_C(1) << 21) /* CAP_SYS_ADMIN, linux/capability.h */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif

static const char memlog_path[] = "/run/memlogdq.sock";

struct listener {
	struct control *control;
	enum connection_protocol protocol;
	struct loop_source source;
};

struct control {
	struct containers *containers;
	struct listener listeners[CONNECTION_PROTOCOLS];
	struct ports *ports; /* or NULL */
	struct connection *connections[CONNECTIONS_MAX];
	size_t n;
};

/*
 * A process that is gone is in no namespace. The kernel shows us the namespaces of all processes
 * with fewer capabilities than ours, and denies only those with more, which exist when we are in a
 * container with few of them (ptrace(2), "access mode checking").
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
 * A client can have programs started in any container, so it must have the power to do that itself.
 * Without that power of our own, there is none to abuse.
 */
static bool has_our_power(pid_t pid)
{
	char path[32];

	str_format(path, sizeof(path), "/proc/%d/status", (int)pid);
	return is_admin(path) || !is_admin("/proc/self/status");
}

/*
 * Was what we read in /proc/PID about the peer? Its number may have been reused by now; older
 * kernels can't tell.
 */
static bool is_still_there(int peer)
{
	CLEANUP(fd) int fd = -1;
	socklen_t size = sizeof(fd);

	if (getsockopt(peer, SOL_SOCKET, SO_PEERPIDFD, &fd, &size) < 0)
		return errno == ENOPROTOOPT;
	return syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0) == 0 || errno == EPERM;
}

/*
 * User IDs are those of our user namespace. Root of another one may have the same ID, but has no
 * power here.
 */
static bool may_ask(int fd, enum connection_protocol protocol)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == 0 &&
	       in_our_user_namespace(peer.pid) &&
	       (protocol == CONNECTION_MEMLOG || has_our_power(peer.pid)) && is_still_there(fd);
}

static void refuse(int fd, const char *why)
{
	CLEANUP(free) char *answer = str_printf("{\"error\":\"%s\"}\n", why);
	char question[4096];

	send(fd, answer, strlen(answer), MSG_NOSIGNAL);
	/* Closing a socket with unread data would discard the answer. */
	recv(fd, question, sizeof(question), 0);
}

static void listener_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct listener *l = CONTAINER_OF(source, struct listener, source);
	struct control *c = l->control;
	CLEANUP(fd) int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (!may_ask(fd, l->protocol))
		refuse(fd, l->protocol == CONNECTION_MEMLOG
				   ? "only root may do this"
				   : "only root with CAP_SYS_ADMIN may do this");
	else if (c->n == CONNECTIONS_MAX)
		refuse(fd, "too many clients; try again");
	else
		c->connections[c->n++] = connection_new(c->containers, fd_steal(&fd), l->protocol);
}

/* fd is taken over; -1: create the socket. PID 1 keeps it under the name. */
static int open_listener(struct control *c, enum connection_protocol protocol, const char *path,
	const char *name, int fd, struct werr **err)
{
	struct env *env = c->containers->env;
	struct listener *l = &c->listeners[protocol];

	if (fd < 0)
		fd = socket_listen(path, SOCK_STREAM, err);
	if (fd < 0)
		return fd;
	kept_put(env->channel, "listen", name, fd);
	*l = (struct listener){c, protocol, {fd, listener_ready}};
	loop_add(env->loop, &l->source, EPOLLIN);
	return 0;
}

static int open_control(struct control **ret, struct containers *containers, const char *path,
	int kept, struct werr **err)
{
	struct control *c = mem_new(struct control);
	int r;

	c->containers = containers;
	for (size_t i = 0; i < CONNECTION_PROTOCOLS; i++)
		c->listeners[i].source.fd = -1;
	r = open_listener(c, CONNECTION_REQUESTS, path, "control", kept, err);
	if (r < 0)
		free(c);
	else
		*ret = c;
	return r;
}

int control_open(
	struct control **ret, struct containers *containers, char **kept, struct werr **err)
{
	return open_control(ret, containers, RUN_SOCKET, kept_take(kept, "listen", "control"), err);
}

int control_open_at(
	struct control **ret, struct containers *containers, const char *path, struct werr **err)
{
	return open_control(ret, containers, path, -1, err);
}

void control_open_memlog(struct control *c, char **kept)
{
	struct werr *err = NULL;

	if (open_listener(c, CONNECTION_MEMLOG, memlog_path, "memlogdq",
		    kept_take(kept, "listen", "memlogdq"), &err) < 0)
		console_error(&err, "supervisor", "continuing without it");
}

void control_open_port(struct control *c)
{
	c->ports = ports_new(c, c->containers->env->loop, "/sys", "/dev");
}

int control_add(struct control *c, int fd)
{
	if (c->n == CONNECTIONS_MAX) {
		close(fd);
		return -EMFILE;
	}
	c->connections[c->n++] = connection_new(c->containers, fd, CONNECTION_REQUESTS);
	return 0;
}

void control_close(struct control *c)
{
	if (!c)
		return;
	ports_free(c->ports);
	while (c->n)
		connection_free(c->connections[--c->n]);
	for (size_t i = 0; i < CONNECTION_PROTOCOLS; i++)
		loop_close(c->containers->env->loop, &c->listeners[i].source);
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
