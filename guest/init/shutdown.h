/* SPDX-License-Identifier: Apache-2.0 */
/* How the machine ends: which signal asks for what, and the last steps of PID 1. */
#ifndef WHERRY_GUEST_SHUTDOWN_H
#define WHERRY_GUEST_SHUTDOWN_H

#include <stdbool.h>

#include "base/attr.h"

struct shutdown_action {
	int signal;       /* to PID 1, as sysvinit and busybox have it */
	const char *verb; /* the program of that name sends it */
	const char *name; /* for the console */
	int command;      /* for reboot(2) */
};
/* NULL when the signal, or the verb, stands for nothing. What asks a container to end is SIGTERM.
 */
const struct shutdown_action *shutdown_for_signal(int signal, bool in_container);
const struct shutdown_action *shutdown_for_verb(const char *verb);

/*
 * End all processes, write everything to disk, unmount, and stop the machine. Whatever hangs, the
 * machine stops after a fixed time. A container just ends: with exit code 0, or for a restart by
 * SIGHUP, as container managers know it.
 */
ATTR_NORETURN void shutdown_now(const struct shutdown_action *action);

#endif
