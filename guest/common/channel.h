/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What PID 1 and the supervisor tell each other, over a pair of sockets that PID 1 holds both ends of: when the supervisor
 * dies, what it has not read waits for the next one.
 */
#ifndef WHERRY_GUEST_CHANNEL_H
#define WHERRY_GUEST_CHANNEL_H

#include <stdint.h>

enum channel_kind {
	CHANNEL_ENDED =
		1, /* to the supervisor: a process that is not its child any more ended: pid, status */
	CHANNEL_STOP, /* to the supervisor: stop everything, then end */
	CHANNEL_KEEP, /* to PID 1: keep this descriptor for the next supervisor, under name */
	CHANNEL_DROP, /* to PID 1: ... no longer */
};
enum { CHANNEL_NAME_MAX = 268 };

struct channel_message {
	uint32_t kind;
	int32_t pid, status; /* status as waitpid's */
	char name[CHANNEL_NAME_MAX];
};

/* Two ends, close-on-exec; neither ever waits. 0 or -errno. */
int channel_open(int ends[static 2]);
/* passed: a descriptor to go along, or -1. 0 or -errno; -EAGAIN when the other side has to read first. */
int channel_send(int fd, const struct channel_message *m, int passed);
/* 1: a message, with *passed owned by the caller or -1. 0: none is there. */
int channel_receive(int fd, struct channel_message *m, int *passed);

#endif
