/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop: descriptors with a function to call when they are ready (epoll). */
#ifndef WHERRY_GUEST_LOOP_H
#define WHERRY_GUEST_LOOP_H

#include <stdint.h>

/*
 * Embedded in the object it belongs to, which must not be freed by a function that loop_wait()
 * calls.
 */
struct loop_source {
	int fd;                                                /* -1: none */
	void (*ready)(struct loop_source *s, uint32_t events); /* EPOLL* */
};

int loop_new(void);
/* s->ready must be set. 0 or -errno. */
int loop_add(int loop, struct loop_source *s, uint32_t events);
void loop_change(int loop, struct loop_source *s, uint32_t events);
/* Remove it and close its descriptor; does nothing when there is none. */
void loop_close(int loop, struct loop_source *s);
/*
 * Wait up to `timeout` milliseconds (-1: forever) for events, and call the functions of those that
 * are ready.
 */
void loop_wait(int loop, int timeout);

#endif
