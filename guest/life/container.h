/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One container, as the table in service/life.h says. The OCI runtime (crun) makes it and goes; its
 * process is then a child of the supervisor, which is a subreaper, or, when an earlier supervisor
 * started it, of PID 1, which tells us of its end.
 */
#ifndef WHERRY_GUEST_CONTAINER_H
#define WHERRY_GUEST_CONTAINER_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/env.h"
#include "life/life.h"
#include "life/record.h"
#include "log/stream.h"
#include "run/health.h"
#include "run/process.h"
#include "run/runtime-spec.h"

enum container_kind { CONTAINER_ONBOOT, CONTAINER_SERVICE, CONTAINER_ONSHUTDOWN, CONTAINER_KINDS };

/*
 * The lines about it that the console shows: of more than a few in ten seconds only the number is
 * said.
 */
struct report_limit {
	uint64_t began; /* ms: the ten seconds */
	unsigned said;
	uint64_t left_out;
};

struct container {
	struct env *env;
	enum container_kind kind;
	char *id;     /* the folder's name, and the runtime's: "000-dhcp" */
	char *name;   /* without the number: "dhcp" */
	char *bundle; /* "/containers/onboot/000-dhcp" */

	struct runtime_spec *spec;
	struct werr *spec_err;       /* why runtime.json could not be read; then spec is empty */
	struct record record, saved; /* ... as it is, and as it is in its file */
	struct stream *stream;
	struct report_limit reports;
	struct health health;

	struct process runtime; /* the runtime while it makes or starts the container */
	struct process cleaner; /* the runtime while it forgets the container */
	struct process process; /* the container's, from when the runtime said which it is */
	struct loop_source
		group; /* cgroup.events while its process has ended and others are left in there */
	char *cgroup;  /* the folder of its control group, if it has one of its own */

	uint64_t due;        /* when LIFE_DUE is to come; 0: never */
	uint64_t stop_began; /* it was asked to end then; 0: it was not */
	int stop_signal;     /* the last one sent */
	bool deaf;           /* it would not have heard its stop signal */
	bool late;           /* it is ended because its time was over */
	bool sick;           /* ... because its health check said no */
	bool again_now;      /* it is to start again as soon as it has ended: somebody wants that */
	bool waits_to_create; /* until the runtime has forgotten the last one */
	bool process_ended;   /* before the runtime did, with this: */
	int process_status;
	bool failed; /* for good, and nobody has looked at it yet */
};

/* The directory with the containers of a kind: "/containers/onboot". */
const char *container_dir(enum container_kind kind);
/* kind and folder name say what is to be known. runtime.json is read. */
struct container *container_new(struct env *env, enum container_kind kind, const char *folder);
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
/* Do what is due at `now`, and look what the health check says. */
void container_tick(struct container *c, uint64_t now);

/* The signal that asks for its end is sent, or is known to be in vain. */
bool container_is_step(const struct container *c);
/* How long it may take until it is ready (services) or done (steps), in ms; 0: for ever. */
uint64_t container_limit(const struct container *c);
/* What follows a failure for good. */
enum policy_onfail container_onfail(const struct container *c);

/*
 * Go on with what an earlier supervisor began: its record, the log and the pipe that PID 1 kept
 * (taken over; -1: none). Then, after all container_child_ended() of what PID 1 told,
 * container_attached() deals with processes that are gone without a word.
 */
void container_attach(struct container *c, int ring, int output);
void container_attached(struct container *c);
/* Processes that ended were not told of one by one: see whether some were this container's. */
void container_look(struct container *c);

#endif
