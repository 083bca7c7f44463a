/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a container as a table: what an event means in each state. It makes no system calls;
 * life/container.c carries out the actions. docs/supervisor.md has the table as a drawing.
 */
#ifndef WHERRY_GUEST_LIFE_H
#define WHERRY_GUEST_LIFE_H

#include <stdbool.h>
#include <stddef.h>

enum life_state {
	LIFE_WAITING,   /* for its turn, or for the containers it starts after */
	LIFE_CREATING,  /* the runtime is creating the container */
	LIFE_STARTING,  /* the container exists, and the runtime is starting its process */
	LIFE_RUNNING,   /* its process runs; its health check has not succeeded yet */
	LIFE_READY,     /* it runs, and is healthy if that is checked */
	LIFE_UNHEALTHY, /* it runs, but its health check fails */
	LIFE_ENDING, /* it is being ended: it took too long, is unhealthy, or is to be restarted */
	LIFE_STOPPING, /* it is being stopped on request */
	LIFE_BACKOFF,  /* it has ended, and starts again after a delay */
	LIFE_DONE,     /* it ended successfully, for good */
	LIFE_FAILED,   /* it failed, for good */
	LIFE_STOPPED,  /* it was stopped */
	LIFE_STATES
};

enum life_event {
	LIFE_BEGIN,     /* it is its turn, or its start was requested */
	LIFE_MADE,      /* the container exists; its process is still to be started */
	LIFE_STARTED,   /* its process runs */
	LIFE_HEALTHY,   /* the health check succeeds */
	LIFE_SICK,      /* ... fails, as often in a row as it may */
	LIFE_STOP,      /* its stop was requested */
	LIFE_END,       /* it must end, but is not to stay stopped */
	LIFE_DUE,       /* the time limit of the state has passed */
	LIFE_END_OK,    /* it ended successfully, and is not to be started again */
	LIFE_END_BAD,   /* it failed, or could not be created, and is not to be started again */
	LIFE_END_AGAIN, /* it ended, or could not be created, and is to be started again */
	LIFE_EVENTS
};

enum life_action {
	LIFE_DO_NOTHING,
	LIFE_DO_CREATE, /* have the runtime create the container */
	LIFE_DO_START,  /* bind its namespaces, move its interfaces, and have the runtime start its
			   process */
	LIFE_DO_WATCH,  /* begin the health checks; without any it is ready at once */
	LIFE_DO_ASK,    /* send its stop signal */
	LIFE_DO_KILL,   /* send SIGKILL */
	LIFE_DO_DELAY,  /* schedule the next start, after a delay that grows */
	LIFE_DO_FINISH, /* it is over: do what follows */
	LIFE_ACTIONS
};

struct life_step {
	enum life_state state; /* the next one */
	enum life_action action;
};

struct life_row {
	enum life_state state;
	enum life_event event;
	struct life_step step;
};
extern const struct life_row life_table[];
extern const size_t life_table_rows;

/* False: the event has no meaning in that state. */
bool life_next(enum life_state state, enum life_event event, struct life_step *ret);

/* "ready", "begin", "create": for people, files and the drawing. */
const char *life_state_name(enum life_state state);
const char *life_event_name(enum life_event event);
const char *life_action_name(enum life_action action);
/* False when there is no state of that name. */
bool life_state_from_name(const char *name, enum life_state *ret);

/* Does a container exist, or is one being created? */
bool life_is_active(enum life_state state);
/* Does its process run, and is nothing ending it? */
bool life_is_up(enum life_state state);
/* Is it over, until it is started by hand? */
bool life_is_over(enum life_state state);

#endif
