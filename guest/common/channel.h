/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What PID 1 and the supervisor tell each other, over a pair of sockets that PID 1 holds both ends
 * of: when the supervisor dies, what it has not read waits for the next one.
 */
#ifndef WHERRY_GUEST_CHANNEL_H
#define WHERRY_GUEST_CHANNEL_H

#include <stdint.h>

enum channel_kind {
	/* To the supervisor: */
	CHANNEL_ENDED = 1, /* processes that are not its children any more ended: n of ends */
	CHANNEL_LOST, /* ... more of them than could be told one by one: it is to look itself */
	CHANNEL_STOP, /* stop everything, then end */
	CHANNEL_PING, /* say CHANNEL_ALIVE */
	/* To PID 1: */
	CHANNEL_KEEP, /* keep this descriptor for the next supervisor, under name */
	CHANNEL_DROP, /* ... no longer */
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

/* Two ends, close-on-exec; neither ever waits. 0 or -errno. */
int channel_open(int ends[static 2]);
/* passed: a descriptor to go along, or -1. 0 or -errno; -EAGAIN when the other side has to read
 * first. */
int channel_send(int fd, const struct channel_message *m, int passed);
/*
 * The same for the supervisor, which waits up to a second for room: PID 1 never waits for us, so it
 * reads.
 */
int channel_send_patiently(int fd, const struct channel_message *m, int passed);
/* 1: a message, with *passed owned by the caller or -1. 0: none is there. */
int channel_receive(int fd, struct channel_message *m, int *passed);

#endif
