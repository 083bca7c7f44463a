/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a container as one table: what an event means in a state. No system calls in here;
 * service/container.c does what the actions say. docs/supervisor.md has the table as a drawing.
 */
#ifndef WHERRY_GUEST_LIFE_H
#define WHERRY_GUEST_LIFE_H

#include <stdbool.h>
#include <stddef.h>

enum life_state {
	LIFE_WAITING,   /* for its turn, or for what it is to start after */
	LIFE_CREATING,  /* the runtime makes the container */
	LIFE_STARTING,  /* the container is there, the runtime starts its process */
	LIFE_RUNNING,   /* its process runs; its health check has not said yes yet */
	LIFE_READY,     /* it runs, and is healthy if that is checked */
	LIFE_UNHEALTHY, /* it runs, but its health check says no */
	LIFE_ENDING,   /* it is being ended: it took too long, is unhealthy, or is to start again */
	LIFE_STOPPING, /* it is being stopped because somebody asked for that */
	LIFE_BACKOFF,  /* it ended, and starts again after a while */
	LIFE_DONE,     /* it ended well, for good */
	LIFE_FAILED,   /* it ended badly, for good */
	LIFE_STOPPED,  /* it was stopped */
	LIFE_STATES
};

enum life_event {
	LIFE_BEGIN,     /* it is its turn, or somebody wants it to start */
	LIFE_MADE,      /* the container is there; its process is still to be started */
	LIFE_STARTED,   /* its process runs */
	LIFE_HEALTHY,   /* the health check says yes */
	LIFE_SICK,      /* ... says no, as often as it may */
	LIFE_STOP,      /* somebody wants it to stop */
	LIFE_END,       /* it is to be ended, but not because it should be stopped */
	LIFE_DUE,       /* the time that the state has is over */
	LIFE_END_OK,    /* it ended well and is not to start again */
	LIFE_END_BAD,   /* it ended badly, or could not be made, and is not to start again */
	LIFE_END_AGAIN, /* it ended, or could not be made, and is to start again */
	LIFE_EVENTS
};

enum life_action {
	LIFE_DO_NOTHING,
	LIFE_DO_CREATE, /* let the runtime make the container */
	LIFE_DO_START,  /* bind its namespaces, move its interfaces, let the runtime start its
			   process */
	LIFE_DO_WATCH,  /* begin the health check; ready at once when there is none */
	LIFE_DO_ASK,    /* send its stop signal */
	LIFE_DO_KILL,   /* send SIGKILL */
	LIFE_DO_DELAY,  /* wait longer from time to time before it starts again */
	LIFE_DO_FINISH, /* it is over: do what is to follow */
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

/* False: the event means nothing in that state. */
bool life_next(enum life_state state, enum life_event event, struct life_step *ret);

/* "ready", "begin", "create"; for people, files and the drawing. */
const char *life_state_name(enum life_state state);
const char *life_event_name(enum life_event event);
const char *life_action_name(enum life_action action);
/* False when there is no state of that name. */
bool life_state_from_name(const char *name, enum life_state *ret);

/* Is there a container, or is one being made? */
bool life_is_active(enum life_state state);
/* Does its process run, with nobody ending it? */
bool life_is_up(enum life_state state);
/* Is it over, until somebody starts it by hand? */
bool life_is_over(enum life_state state);

#endif
