/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the OS, from the first step of onboot to the last of onshutdown. */
#ifndef WHERRY_GUEST_PHASE_H
#define WHERRY_GUEST_PHASE_H

#include "keep/order.h"
#include "life/containers.h"

enum phase {
	PHASE_ONBOOT,     /* steps, one after another */
	PHASE_SERVICES,   /* services start, each after those that it waits for */
	PHASE_READY,      /* each of them runs, or is known not to; the console said so */
	PHASE_STOP,       /* services are stopped, what waits for others first */
	PHASE_ONSHUTDOWN, /* steps, one after another */
	PHASE_DONE,
	PHASES
};

struct phases {
	struct containers *containers;
	struct order order; /* of services, then onboot */
	enum phase now;
	bool halted;            /* the machine is about to end: nothing more begins */
	pid_t shell;            /* of an onfail: what follows waits for it; 0: none */
	uint64_t stop_deadline; /* of all services together; 0: none */
};

/* Those of the containers, from where an earlier supervisor was, if there was one. */
void phases_begin(struct phases *ret, struct containers *containers);
void phases_cleanup(struct phases *p);
/* Begin what can begin, as far as it goes without waiting. */
void phases_proceed(struct phases *p);
/* Stop everything, then be done. */
void phases_stop(struct phases *p);
/* A child ended: true when it was the shell. */
bool phases_child_ended(struct phases *p, pid_t pid);

#endif
