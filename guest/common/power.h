/* SPDX-License-Identifier: Apache-2.0 */
/* How a machine is shut down: by the signals to PID 1 that sysvinit and busybox use. */
#ifndef WHERRY_GUEST_POWER_H
#define WHERRY_GUEST_POWER_H

#include <stdbool.h>

struct power_action {
	int signal;       /* to PID 1 */
	const char *verb; /* the program of this name sends the signal */
	const char *name; /* for the console */
	int command;      /* for reboot(2) */
};

/* The action for a signal; NULL: none. In a container SIGTERM means power off. */
const struct power_action *power_for_signal(int signal, bool in_container);
/* The action for "poweroff", "reboot" or "halt"; NULL: none. */
const struct power_action *power_for_verb(const char *verb);
/* Ask PID 1 to do it. 0 or -errno. */
int power_ask(const struct power_action *action);

/*
 * The programs poweroff, reboot and halt. PID 1 must be the machine's, so a container that calls
 * them needs `pid: host`.
 */
int power_main(int argc, char **argv);

#endif
