/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machines that run. What belongs to one in the background is in its state directory; a link to
 * that for each, called by its process, is in $XDG_STATE_HOME/wherry/machines or the same below
 * ~/.local/state. One in the foreground has a directory there instead (presence.h).
 */
#ifndef WHERRY_VM_MACHINES_H
#define WHERRY_VM_MACHINES_H

#include "vm/qemu.h"

/* In a state directory: */
#define MACHINE_PID     "qemu.pid" /* LinuxKit's name */
#define MACHINE_LOG     "console.log"
#define MACHINE_CONSOLE "console.sock"
#define MACHINE_CONTROL "control.sock" /* QMP */
#define MACHINE_OUTSIDE "service.sock" /* and a number: the supervisor's ports, wire.h */

/* QMP: the power button, and the power key of a machine that has one instead. */
#define MACHINE_PRESS                              \
	"{\"execute\":\"system_powerdown\"}\n"     \
	"{\"execute\":\"send-key\",\"arguments\":" \
	"{\"keys\":[{\"type\":\"qcode\",\"data\":\"power\"}]}}\n"

struct vm_machine {
	char *name; /* "os" for the state directory os-state */
	char *dir;  /* absolute */
	uint64_t pid;
	bool foreground; /* without log and console, which are a terminal's */
};
struct vm_machines {
	struct vm_machine *items;
	size_t n, cap;
};

/*
 * Start a machine in the background, with this state directory. WERR_EXISTS: it runs already;
 * WERR_UNSUPPORTED: what only the foreground has.
 */
int vm_machine_start(
	const struct qemu_spec *spec, const char *state, struct vm_machine *ret, struct werr **err);
/* Those that run; links to others are removed. In the order of their processes. */
int vm_machines_list(struct vm_machines *ret, struct werr **err);
/*
 * Whether the state directory is the caller's alone. Whoever else can write to it chooses what
 * QEMU's log overwrites, which process `run stop` ends, and where an artifact's files go.
 */
int vm_machine_check_dir(const char *dir, struct werr **err);
/* The name of a machine that an image is run as, or what its file NAME-oci.tar is called by. */
char *vm_machine_of_image(const char *image);
/* WERR_UNSUPPORTED: it runs in the foreground, and its console is the terminal's. */
int vm_machine_check_console(const struct vm_machine *m, struct werr **err);
/*
 * By what was given to run, by the state directory, by the name or by the process. WERR_NOT_FOUND,
 * also when it is to run and does not; WERR_EXISTS: several have the name.
 */
int vm_machine_find(const char *what, bool running, struct vm_machine *ret, struct werr **err);
/*
 * Press the power button, wait, and pull the plug when the time is over, which *ret_killed says.
 */
int vm_machine_stop(
	const struct vm_machine *m, unsigned seconds, bool *ret_killed, struct werr **err);
/* The terminal, or stdin and stdout, becomes the machine's console until it ends or is left. */
int vm_machine_attach(const struct vm_machine *m, struct werr **err);
/* A connection to one of its sockets; *ret_fd is -1 when nothing listens there. */
int vm_machine_connect(
	const struct vm_machine *m, const char *socket, int *ret_fd, struct werr **err);

void vm_machine_cleanup(struct vm_machine *m);
void vm_machines_cleanup(struct vm_machines *l);

#endif
