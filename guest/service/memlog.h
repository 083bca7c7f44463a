/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LinuxKit's logging sockets. When the OS has no container "memlogd", we are it: programs hand us
 * descriptors to read
 * (/run/linuxkit-external-logging.sock: a datagram with a name and a descriptor), and read what
 * there is (/run/memlogdq.sock: a byte asks for what was written, 2 for that and what follows, 1
 * for what follows; lines of JSON answer). With such a container, it gets ours.
 */
#ifndef WHERRY_GUEST_MEMLOG_H
#define WHERRY_GUEST_MEMLOG_H

#include "service/supervisor.h"

struct memlog {
	struct supervisor *s;
	struct loop_source log, query;
};

/* kept: what PID 1 kept ("KIND:NAME=NUMBER"). Failures are said on the console. */
void memlog_open(struct memlog *m, struct supervisor *s, char **kept);
void memlog_close(struct memlog *m);
/* Hand a container's output over to memlogd; false: there is none, or it does not listen (yet). */
bool memlog_hand_over(const char *name, int fd);
/* The name that a program gives itself: what is not to be in one becomes "_". */
void memlog_name(char *name);

#endif
