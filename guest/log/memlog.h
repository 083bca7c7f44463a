/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LinuxKit's socket for writing logs, /run/linuxkit-external-logging.sock: a datagram with a name
 * and a descriptor to read. The supervisor has it, unless the OS has a container "memlogd", which
 * is then sent what containers write. The other socket, from which logs are read, is
 * control/control.h's.
 */
#ifndef WHERRY_GUEST_MEMLOG_H
#define WHERRY_GUEST_MEMLOG_H

#include "common/env.h"
#include "common/loop.h"

struct memlog {
	struct env *env;
	struct loop_source source;
};

/* Not open yet: for memlog_close(). */
void memlog_init(struct memlog *m, struct env *env);
/* kept: what PID 1 kept (common/kept.h). Failures are said on the console. */
void memlog_open(struct memlog *m, char **kept);
void memlog_close(struct memlog *m);
/* Hand a container's output over to memlogd; false: there is none, or it does not listen (yet). */
bool memlog_hand_over(const char *name, int fd);
/* The name that a program gives itself, made fit for a path and for PID 1's "KIND:NAME=NUMBER":
 * other bytes become '_'. */
void memlog_name(char *name);

#endif
