/* SPDX-License-Identifier: Apache-2.0 */
/* PID 1's care for the supervisor: started, started again when it dies, told what it can't see for itself. */
#ifndef WHERRY_GUEST_KEEPER_H
#define WHERRY_GUEST_KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "init/store.h"

struct keeper {
	pid_t pid;                  /* the supervisor; 0: it does not run */
	int channel[2];             /* ours, the supervisor's */
	bool held_up;               /* it has to read before it can be told more */
	bool stopping;              /* it was told to stop everything */
	bool done;                  /* it has stopped everything, or can't be had */
	uint64_t started, start_at; /* ms; start_at 0: it is not to be started */
	unsigned deaths;            /* in a row, each soon after the start */
	struct store store;
};

/* Open the channel and start it. */
void keeper_begin(struct keeper *k);
/* Reap children, and tell the supervisor about them. What can't be told yet is not reaped yet. */
void keeper_reap(struct keeper *k);
/* There is something to read, or room to write, on channel[0]. */
void keeper_listen(struct keeper *k);
/* Tell it to stop everything. */
void keeper_stop(struct keeper *k);
/* Start it when it is time for that. */
void keeper_tick(struct keeper *k, uint64_t now);
/* How long to wait before the n-th start in a row (from 0), in ms. */
uint64_t keeper_delay(unsigned n);

#endif
