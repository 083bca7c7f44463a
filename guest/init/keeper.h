/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PID 1 looks after the supervisor: starts it, replaces it when it dies or does not answer, and
 * reports what it can't see for itself. PID 1 never waits for it: what can't be reported yet is
 * queued up to a bound, and beyond that summarized.
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
	const char *program; /* the supervisor's */
	pid_t pid;           /* the supervisor; 0: it does not run */
	int channel[2];      /* PID 1's end, the supervisor's end */
	bool channel_full;   /* the channel is full: the supervisor must read first */
	bool stopping;       /* it was told to stop everything */
	bool done;           /* it has stopped everything, or can't be started */
	uint64_t stop_began, started, start_at; /* ms; start_at 0: no start is due */
	unsigned deaths;                        /* in a row, each soon after its start */

	/* Still to be reported: */
	bool stop_unsent, lost;
	size_t n_ended;
	struct channel_end ended[KEEPER_ENDS_MAX];

	uint64_t ask_at;     /* when to ping it next, ms */
	unsigned unanswered; /* pings in a row */
	struct fdstore store;
};

/*
 * Open the channel and start the supervisor. program is /sbin/wherry-supervisor, except in the
 * tests.
 */
void keeper_begin(struct keeper *k, const char *program);
/*
 * Reap children and report them to the supervisor, as far as the channel has room. True: there may
 * be more of them.
 */
bool keeper_reap(struct keeper *k);
/* channel[0] can be read from or written to. */
void keeper_listen(struct keeper *k);
/* Tell it to stop everything. */
void keeper_stop(struct keeper *k);
/* Start, ping or replace it, whichever is due. */
void keeper_tick(struct keeper *k, uint64_t now);
/* When to call keeper_tick() next, in ms; 0: never. */
uint64_t keeper_deadline(const struct keeper *k);
/* The delay before the n-th start in a row (from 0), in ms. */
uint64_t keeper_delay(unsigned n);

#endif
