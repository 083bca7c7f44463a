/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One container, as the table in life/life.h says. The OCI runtime (crun) makes it and goes; its
 * process is then a child of the supervisor, which is a subreaper, or, when an earlier supervisor
 * started it, of PID 1, which reports its end.
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

/* The lines on the console about one container: in ten seconds only so many are shown. */
struct report_limit {
	uint64_t began; /* ms: the ten seconds */
	unsigned said;
	uint64_t left_out;
};

/* Why a container is in LIFE_ENDING. */
enum container_ending {
	ENDING_UNKNOWN, /* an earlier supervisor began it */
	ENDING_LATE,    /* its time was over */
	ENDING_SICK,    /* its health check failed */
	ENDING_RESTART, /* somebody wants it to start again, at once */
};

/*
 * The present run, from LIFE_BEGIN until its end has been dealt with; all zero between runs.
 *
 *   state                  ending  stop_began  stop_signal  process_ended
 *   CREATING to UNHEALTHY    -         -           -        the runtime is still at work, or
 *                                                           the group is not empty yet
 *   ENDING                  any       set         set       the same
 *   STOPPING                 as in ENDING, if it came from there
 */
struct container_run {
	enum container_ending ending;
	uint64_t stop_began; /* when it was first asked to end */
	int stop_signal;     /* the last one that was sent */
	bool ignores_signal; /* its process does not handle the stop signal: SIGKILL was sent */
	bool process_ended;  /* ... but its end has not been dealt with */
	int process_status;  /* with which it ended */
};

struct container {
	struct env *env;
	enum container_kind kind;
	char *id;     /* the directory's name, and the runtime's: "000-dhcp" */
	char *name;   /* without the number: "dhcp" */
	char *bundle; /* "/containers/onboot/000-dhcp" */

	struct runtime_spec *spec;
	struct werr *spec_err; /* why runtime.json could not be read; then spec is empty */
	struct stream *stream;
	struct report_limit reports;

	struct record record; /* what outlives the supervisor, with the state of its life */
	struct record saved;  /* the same as it is in its file */
	struct container_run run;
	struct health health;
	uint64_t due;      /* when LIFE_DUE is to come; 0: never */
	bool newly_failed; /* for good, and what follows has not been done yet */

	struct pidref runtime; /* the runtime while it makes or starts the container */
	struct pidref cleaner; /* the runtime while it forgets the container */
	struct pidref process; /* the container's, from when the runtime said which it is */
	struct loop_source
		group; /* cgroup.events, after the process ended, until the group is empty */
	char *cgroup;  /* the directory of its control group; NULL: it has none of its own */
};

/* Container `id` of the kind; its runtime.json is read. */
struct container *container_new(struct env *env, enum container_kind kind, const char *id);
void container_free(struct container *c);
DEFINE_CLEANUP(struct container *, container_free, container)

/* Something happened: do what the table says. False: it means nothing in the present state. */
bool container_event(struct container *c, enum life_event event);
/* Stop it and start it again, at once. False: it is not running. */
bool container_restart(struct container *c);
/* A process ended with this status (waitpid's, or RECORD_STATUS_UNKNOWN); false when it was none of
 * this container's. */
bool container_child_ended(struct container *c, pid_t pid, int status);
/* When container_tick() is to be called next; 0: never. */
uint64_t container_deadline(const struct container *c);
/* Do what is due at `now`, and look at what the health check says. */
void container_tick(struct container *c, uint64_t now);

/* Is it a step of onboot or onshutdown, which runs until it is done? Else it is a service. */
bool container_is_step(const struct container *c);
/* How long it may take until it is ready (services) or done (steps), in ms; 0: for ever. */
uint64_t container_limit(const struct container *c);
/* What follows a failure for good; never POLICY_ONFAIL_UNSET. */
enum policy_onfail container_onfail(const struct container *c);

/*
 * Go on with what an earlier supervisor began: its record, and the log and the pipe that PID 1 kept
 * (taken over; -1: none). Once container_child_ended() has been called for all ends that PID 1
 * reported, container_attached() deals with processes whose end nobody saw.
 */
void container_attach(struct container *c, int ring, int output);
void container_attached(struct container *c);
/* Some ends were not reported one by one: see whether they were of this container's processes. */
void container_look(struct container *c);

#endif
