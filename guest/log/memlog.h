/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LinuxKit's socket for writing logs, /run/linuxkit-external-logging.sock: a datagram with a name
 * and a descriptor to read from. The supervisor serves it unless the OS has a container "memlogd",
 * to which it then sends the containers' output. The socket for reading logs is in
 * control/control.h.
 */
#ifndef WHERRY_GUEST_MEMLOG_H
#define WHERRY_GUEST_MEMLOG_H

#include "common/env.h"
#include "common/loop.h"

struct memlog {
	struct env *env;
	struct loop_source source;
};

/* Initialize without opening, so that memlog_close() can be called. */
void memlog_init(struct memlog *m, struct env *env);
/* kept: what PID 1 kept (common/kept.h). Failures are reported on the console. */
void memlog_open(struct memlog *m, char **kept);
void memlog_close(struct memlog *m);
/* Send a container's output to memlogd; false: there is none, or it does not listen yet. */
bool memlog_hand_over(const char *name, int fd);
/* Make a client's name fit for a path and for "KIND:NAME=NUMBER": other bytes become '_'. */
void memlog_name(char *name);

#endif
