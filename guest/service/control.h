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

#include "base/error.h"

struct control;
struct supervisor;

/* A Unix socket of that type at path, for root alone; what was there goes. The descriptor, or
 * -errno. */
int control_listen(const char *path, int type, struct werr **err);
/* kept: the socket of an earlier supervisor, on which clients wait, taken over; -1: make one at
 * path. PID 1 keeps it. */
int control_open(
	struct control **ret, struct supervisor *s, const char *path, int kept, struct werr **err);
/* Take a client that waits at the socket listen; memlog: it speaks memlogd's protocol. */
void control_accept(struct control *c, int listen, bool memlog);
/* NULL is fine, here and below. */
void control_close(struct control *c);
/* After events: answer those that wait for a state or for lines, and let go those that are done. */
void control_serve(struct control *c);
/* A child ended: true when it was one that a client runs. */
bool control_child_ended(struct control *c, pid_t pid, int status);

/* Does a text of /proc/PID/status (proc(5)) tell of one with CAP_SYS_ADMIN in force? */
bool control_parse_admin(const char *status);

#endif
