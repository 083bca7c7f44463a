/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between PID 1 and the supervisor over a pair of sockets. PID 1 holds both ends: what a
 * supervisor has not read when it dies waits for the next one.
 */
#ifndef WHERRY_GUEST_CHANNEL_H
#define WHERRY_GUEST_CHANNEL_H

#include <stdint.h>

enum channel_kind {
	/* To the supervisor: */
	CHANNEL_ENDED = 1, /* n processes ended that are no longer its children: see ends */
	CHANNEL_LOST,      /* ... more than could be reported one by one: it must look for itself */
	CHANNEL_STOP,      /* stop everything, then end */
	CHANNEL_PING,      /* answer with CHANNEL_ALIVE */
	/* To PID 1: */
	CHANNEL_KEEP, /* keep this descriptor for the next supervisor, under name */
	CHANNEL_DROP, /* ... drop it again */
	CHANNEL_ALIVE,
};
enum { CHANNEL_NAME_MAX = 268, CHANNEL_ENDS_MAX = 33 };

struct channel_end {
	int32_t pid, status; /* status as waitpid's */
};

struct channel_message {
	uint32_t kind, n;
	union {
		char name[CHANNEL_NAME_MAX];
		struct channel_end ends[CHANNEL_ENDS_MAX];
	};
};

/* Two connected ends, close-on-exec and non-blocking. 0 or -errno. */
int channel_open(int ends[static 2]);
/*
 * passed: a descriptor to send along, or -1. 0 or -errno; -EAGAIN when the other side must read
 * first.
 */
int channel_send(int fd, const struct channel_message *m, int passed);
/*
 * The same for the supervisor, which waits up to a second for room. It can afford to: PID 1 never
 * waits for the supervisor, so it does read.
 */
int channel_send_patiently(int fd, const struct channel_message *m, int passed);
/* 1: a message was read, and *passed is owned by the caller or -1. 0: there is none. */
int channel_receive(int fd, struct channel_message *m, int *passed);

#endif
