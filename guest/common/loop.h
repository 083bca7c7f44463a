/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop: descriptors that call a function when there is something to do (epoll). */
#ifndef WHERRY_GUEST_LOOP_H
#define WHERRY_GUEST_LOOP_H

#include <stdint.h>

/* Lives in what it belongs to, which must not be freed by a function that loop_wait() calls. */
struct loop_source {
	int fd;                                                /* -1: none */
	void (*ready)(struct loop_source *s, uint32_t events); /* EPOLL* */
};

int loop_new(void);
/* 0 or -errno. ready is to be set already. */
int loop_add(int loop, struct loop_source *s, uint32_t events);
void loop_change(int loop, struct loop_source *s, uint32_t events);
/* Take it out and close it; fine when there is none. */
void loop_close(int loop, struct loop_source *s);
/* Wait for events, at most so many milliseconds (-1: for ever), and call the functions of those
 * that came. */
void loop_wait(int loop, int timeout);

#endif
