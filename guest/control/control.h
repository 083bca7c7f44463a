/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor's socket. It answers root of our own user namespace with CAP_SYS_ADMIN: whoever
 * asks can start programs in any container, so root of a container with fewer rights, which the
 * socket may be bound into, is refused. A request is one line (service/request.h), its answer one
 * JSON object a line. memlogd's socket only shows logs: there root of our user namespace is enough,
 * as with LinuxKit.
 */
#ifndef WHERRY_GUEST_CONTROL_H
#define WHERRY_GUEST_CONTROL_H

#include <stdbool.h>
#include <sys/types.h>

#include "life/containers.h"

struct control;

/* Listen. kept: what PID 1 kept of an earlier supervisor's socket, on which clients wait. 0 or
 * -errno. */
int control_open(
	struct control **ret, struct containers *containers, char **kept, struct werr **err);
/* The same at another path, without PID 1: for the tests. */
int control_open_at(
	struct control **ret, struct containers *containers, const char *path, struct werr **err);
/* Listen for memlogd's clients as well. A failure is said on the console. */
void control_open_memlog(struct control *c, char **kept);
/* NULL is fine, here and below. */
void control_close(struct control *c);
/* After events: answer those that wait for a state or for lines, and let go those that are done. */
void control_serve(struct control *c);
/* A child ended: true when it was one that a client runs. */
bool control_child_ended(struct control *c, pid_t pid, int status);

/* Does a text of /proc/PID/status (proc(5)) tell of one with CAP_SYS_ADMIN in force? */
bool control_parse_admin(const char *status);

#endif
