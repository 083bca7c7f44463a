/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PID 1's care for the supervisor: started, started again when it dies or does not answer, told
 * what it can't see for itself. Whatever state it is in, nothing in here waits for it: what it
 * can't be told yet is kept, up to a bound, and then summed up.
 */
#ifndef WHERRY_GUEST_KEEPER_H
#define WHERRY_GUEST_KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/channel.h"
#include "init/fdstore.h"

enum { KEEPER_ENDS_MAX = 1024 };

struct keeper {
	const char *program;                    /* the supervisor's */
	pid_t pid;                              /* the supervisor; 0: it does not run */
	int channel[2];                         /* ours, the supervisor's */
	bool held_up;                           /* it has to read before it can be told more */
	bool stopping;                          /* it is to stop everything */
	bool done;                              /* it has stopped everything, or can't be had */
	uint64_t stop_began, started, start_at; /* ms; start_at 0: it is not to be started */
	unsigned deaths;                        /* in a row, each soon after the start */

	/* What it is still to be told. */
	bool stop_untold, lost;
	size_t n_ended;
	struct channel_end ended[KEEPER_ENDS_MAX];

	uint64_t ask_at;     /* when it is asked next for a sign of life, ms */
	unsigned unanswered; /* questions in a row */
	struct fdstore store;
};

/* Open the channel and start it. program is /sbin/wherry-supervisor, but for the tests. */
void keeper_begin(struct keeper *k, const char *program);
/*
 * Reap children, and tell the supervisor about them as far as it listens. True: there may be more
 * of them.
 */
bool keeper_reap(struct keeper *k);
/* There is something to read, or room to write, on channel[0]. */
void keeper_listen(struct keeper *k);
/* Tell it to stop everything. */
void keeper_stop(struct keeper *k);
/* Start it, ask it or replace it when it is time for that. */
void keeper_tick(struct keeper *k, uint64_t now);
/* When keeper_tick() is to be called next, in ms; 0: never. */
uint64_t keeper_deadline(const struct keeper *k);
/* How long to wait before the n-th start in a row (from 0), in ms. */
uint64_t keeper_delay(unsigned n);

#endif
