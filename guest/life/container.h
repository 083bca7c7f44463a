/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One container, which lives by the table in life/life.h. The OCI runtime (crun) creates it and
 * exits. Its process is then a child of the supervisor, which is a subreaper; or of PID 1, which
 * reports its end, if an earlier supervisor started it.
 */
#ifndef WHERRY_GUEST_CONTAINER_H
#define WHERRY_GUEST_CONTAINER_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/env.h"
#include "contract/paths.h"
#include "life/life.h"
#include "life/record.h"
#include "log/stream.h"
#include "run/health.h"
#include "run/pidref.h"
#include "run/runtime-spec.h"

/* Limits the lines on the console about one container to so many in ten seconds. */
struct report_limit {
	uint64_t began; /* of the ten seconds */
	unsigned shown;
	uint64_t omitted;
};

/* Why a container is in LIFE_ENDING. */
enum container_ending {
	ENDING_UNKNOWN, /* not known: an earlier supervisor began it */
	ENDING_LATE,    /* it took too long */
	ENDING_SICK,    /* its health check failed */
	ENDING_RESTART, /* it is to be restarted at once */
};

/*
 * The present run, from LIFE_BEGIN until its end has been handled; all zero between runs.
 *
 *   ending          in LIFE_ENDING, and still in a LIFE_STOPPING that follows it
 *   stop_began, stop_signal, ignores_signal
 *                   in LIFE_ENDING and LIFE_STOPPING
 *   process_ended   in any state with a process, while the runtime is still at work, or while other
 *                   processes are left in the control group
 */
struct container_run {
	enum container_ending ending;
	uint64_t stop_began; /* when it was first asked to end */
	int stop_signal;     /* the last one that was sent */
	bool ignores_signal; /* SIGKILL was sent, as its process does not handle the stop signal */
	bool process_ended;  /* its end has not been handled yet */
	int process_status;  /* with which it ended */
};

struct container {
	struct env *env;
	enum container_kind kind;
	char *id;     /* "000-dhcp": the directory's name, and the container's ID for the runtime */
	char *name;   /* "dhcp": without the number */
	char *bundle; /* "/containers/onboot/000-dhcp" */

	struct runtime_spec *spec;
	struct werr *spec_err; /* why runtime.json could not be read; spec is empty then */
	struct stream *stream;
	struct report_limit reports;

	struct record record; /* its state and what else outlives the supervisor */
	struct record saved;  /* what its file contains */
	struct container_run run;
	struct health health;
	uint64_t due;      /* time of the next LIFE_DUE; 0: never */
	bool newly_failed; /* a final failure, whose consequences have not been dealt with */

	struct pidref runtime; /* creating or starting the container */
	struct pidref cleaner; /* deleting what the runtime knows of it */
	struct pidref process; /* the container's first process, once the runtime has reported it */
	struct loop_source
		group; /* cgroup.events, from the end of the process until the group is empty */
	char *cgroup;  /* its control group's directory; NULL: none of its own */
};

/* The container of that kind and ID. Its runtime.json is read. */
struct container *container_new(struct env *env, enum container_kind kind, const char *id);
void container_free(struct container *c);
DEFINE_CLEANUP(struct container *, container_free, container)

/*
 * Something happened: take the step that the table says. False: the event has no meaning in the
 * present state.
 */
bool container_event(struct container *c, enum life_event event);
/* Stop it and start it again at once. False: it is not running. */
bool container_restart(struct container *c);
/*
 * A process ended with this status (waitpid's, or RECORD_STATUS_UNKNOWN); false when it was not one
 * of this container's.
 */
bool container_child_ended(struct container *c, pid_t pid, int status);
/* When to call container_tick() next; 0: never. */
uint64_t container_deadline(const struct container *c);
/* Do what is due at `now`, and handle the result of the health check. */
void container_tick(struct container *c, uint64_t now);

/* The name of the signal that asks it to end. */
const char *container_stop_signal(const struct container *c);
/* May what waits for it begin, because it is ready or done? */
bool container_may_be_followed(const struct container *c);

/* "onboot", "service", "onshutdown". */
const char *container_kind_name(enum container_kind kind);
/* Is it a step of onboot or onshutdown, which runs until it is done? Otherwise it is a service. */
bool container_is_step(const struct container *c);
/* How long a service may take to be ready, or a step to be done, in ms; 0: forever. */
uint64_t container_limit(const struct container *c);
/* What follows a final failure; never POLICY_ONFAIL_UNSET. */
enum policy_onfail container_onfail(const struct container *c);

/*
 * Take over what an earlier supervisor began: its record, and the log and the pipe that PID 1 kept
 * (owned by the container; -1: none). Once container_child_ended() has been called for all ends
 * that PID 1 reported, container_attached() handles processes whose end was not seen.
 */
void container_attach(struct container *c, int ring, int output);
void container_attached(struct container *c);
/* Some ends were not reported: check whether its processes are gone. */
void container_look(struct container *c);

#endif
