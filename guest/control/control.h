/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor's sockets. Requests are accepted from root of our own user namespace with
 * CAP_SYS_ADMIN. A client can have programs started in any container, so root of a container with
 * fewer capabilities is refused, even if the socket is bound into it. A request is one line
 * (client/request.h), and its answer one JSON object per line. memlogd's socket only shows logs:
 * there root of our user namespace is enough, as with LinuxKit.
 */
#ifndef WHERRY_GUEST_CONTROL_H
#define WHERRY_GUEST_CONTROL_H

#include <stdbool.h>
#include <sys/types.h>

#include "life/containers.h"

struct control;

/*
 * Listen. kept: what PID 1 kept (common/kept.h); clients may be waiting on an earlier supervisor's
 * socket. 0 or -errno.
 */
int control_open(
	struct control **ret, struct containers *containers, char **kept, struct werr **err);
/* The same at another path and without PID 1, for the tests. */
int control_open_at(
	struct control **ret, struct containers *containers, const char *path, struct werr **err);
/* Listen for memlogd's clients as well. A failure is reported on the console. */
void control_open_memlog(struct control *c, char **kept);
/*
 * Answer requests from outside the machine as well, if it has ports for them (control/ports.h).
 */
void control_open_port(struct control *c);
/*
 * One more client, whose connected socket is taken over; it may ask everything. -EMFILE: there are
 * too many.
 */
int control_add(struct control *c, int fd);
/* c may be NULL, here and below. */
void control_close(struct control *c);
/*
 * After events: answer clients that wait for a state or for lines, and release those that are done.
 */
void control_serve(struct control *c);
/* A child ended: true when a client was running it. */
bool control_child_ended(struct control *c, pid_t pid, int status);

/* Does a text of /proc/PID/status (proc(5)) show CAP_SYS_ADMIN in the effective set? */
bool control_parse_admin(const char *status);

#endif
