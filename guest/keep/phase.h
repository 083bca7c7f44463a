/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the OS, from the first step of onboot to the last of onshutdown. */
#ifndef WHERRY_GUEST_PHASE_H
#define WHERRY_GUEST_PHASE_H

#include "keep/order.h"
#include "keep/scripts.h"
#include "life/containers.h"

enum phase {
	PHASE_ONBOOT,     /* steps run one after another */
	PHASE_SERVICES,   /* services start, each after those it waits for */
	PHASE_READY,      /* all of them run or are known not to, which has been reported */
	PHASE_STOP,       /* services are stopped, those that wait for others first */
	PHASE_ONSHUTDOWN, /* steps run one after another */
	PHASE_DONE,
	PHASES
};

struct phases {
	struct containers *containers;
	struct order order; /* of the services, followed by onboot */
	enum phase now;
	struct scripts scripts; /* of /etc/init.d */
	bool halted;            /* the machine is about to stop: nothing more begins */
	pid_t shell;            /* opened by onfail: what follows waits for it; 0: none */
	uint64_t stop_deadline; /* for all services together; 0: none */
};

/* Begin, or go on from where an earlier supervisor was. root: "/", but for tests. */
void phases_begin(struct phases *ret, struct containers *containers, const char *root);
void phases_cleanup(struct phases *p);
/* Begin everything that can begin now. */
void phases_proceed(struct phases *p);
/* Stop everything; PHASE_DONE follows. */
void phases_stop(struct phases *p);
/* A child ended: true when it was the shell or a script. */
bool phases_child_ended(struct phases *p, pid_t pid, int status);

#endif
