/* SPDX-License-Identifier: Apache-2.0 */
/* A machine that a test has started: its console, how it ends, and what its supervisor says. */
#ifndef WHERRY_PROBE_MACHINE_H
#define WHERRY_PROBE_MACHINE_H

#include "probe/console.h"
#include "probe/outside.h"
#include "vm/guard.h"
#include "vm/machines.h"
#include "vm/wire.h"

struct probe_machine {
	struct vm_machine vm; /* its dir has the console's log */
	struct vm_guard guard;
	bool started;
	bool ended;
	bool reset;          /* it ended since the guest wanted to restart */
	bool asked;          /* it ended since the guest, or QEMU's user, wanted it to */
	int log, qmp;        /* -1: none */
	struct vm_wire wire; /* to the supervisor */
	struct buf events;   /* the beginning of a line of QMP's */
	struct probe_console console;
	struct probe_outside supervisor;
	uint64_t asked_ms;     /* when the supervisor was asked; 0: nothing is awaited */
	struct document *list; /* its last answer, or NULL */
	uint64_t lists;        /* how many answers there were */
};
#define PROBE_MACHINE_INIT                     \
	((struct probe_machine){.log = -1,     \
		.qmp = -1,                     \
		.wire = {-1, -1},              \
		.events = BUF_INIT(1 << 16),   \
		.console = PROBE_CONSOLE_INIT, \
		.supervisor = PROBE_OUTSIDE_INIT})
/* Ends the machine. */
void probe_machine_cleanup(struct probe_machine *m);

/* Start it in the background, with this state directory; it ends when its guest restarts,
 * and when this process does. */
int probe_machine_start(
	const struct qemu_spec *spec, const char *dir, struct probe_machine *m, struct werr **err);
/* Take what has happened, and wait a moment when that is nothing. -ECANCELED with the error. */
int probe_machine_look(struct probe_machine *m, struct werr **err);
/* Type a text on the console. */
int probe_machine_type(struct probe_machine *m, const char *text, struct werr **err);
void probe_machine_press_button(struct probe_machine *m);
/*
 * Ask the supervisor for the list, unless an answer is awaited. It may not run yet, so a request
 * without an answer is repeated.
 */
int probe_machine_ask(struct probe_machine *m, struct werr **err);

#endif
