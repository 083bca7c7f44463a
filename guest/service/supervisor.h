/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor: onboot one after another, then all services, each after those that it waits for,
 * until PID 1 says to stop; then the services are stopped, what waits for others first, onshutdown
 * runs one after another, and it ends.
 */
#ifndef WHERRY_GUEST_SUPERVISOR_H
#define WHERRY_GUEST_SUPERVISOR_H

#include "service/container.h"
#include "service/order.h"

enum supervisor_phase { PHASE_ONBOOT, PHASE_SERVICES, PHASE_STOP, PHASE_ONSHUTDOWN, PHASE_DONE };

/* The containers of one folder, in the order of their names. */
struct group {
	struct container **items;
	size_t n, cap;
};

struct supervisor {
	struct env env;
	struct group groups[CONTAINER_KINDS];
	struct order order; /* of services, then onboot */
	enum supervisor_phase phase;
	bool ready_said;
	bool halted;            /* the machine is about to end: nothing more begins */
	pid_t shell;            /* of an onfail: what follows waits for it; 0: none */
	uint64_t stop_deadline; /* of all services together */
	struct loop_source signals, channel;
	struct control *control;
	struct memlog *memlog;
};

/* Container i of all groups; NULL behind the last. */
struct container *supervisor_container(const struct supervisor *s, size_t i);
/* By name or id, a service first; NULL when there is none. */
struct container *supervisor_find(const struct supervisor *s, const char *name);

/* Called by PID 1 with the number of its channel's descriptor and "KIND:NAME=NUMBER" for each one
 * that it kept. */
int supervisor_main(int argc, char **argv);

#endif
