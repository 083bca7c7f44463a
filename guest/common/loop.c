/* SPDX-License-Identifier: Apache-2.0 */
#include "common/loop.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 32 };

int loop_new(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

int loop_add(int loop, struct loop_source *s, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = s};

	return epoll_ctl(loop, EPOLL_CTL_ADD, s->fd, &e) < 0 ? -errno : 0;
}

void loop_change(int loop, struct loop_source *s, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = s};

	epoll_ctl(loop, EPOLL_CTL_MOD, s->fd, &e);
}

void loop_close(int loop, struct loop_source *s)
{
	if (s->fd < 0)
		return;
	/* Closing is not enough: PID 1 may hold a copy. */
	epoll_ctl(loop, EPOLL_CTL_DEL, s->fd, NULL);
	close(s->fd);
	s->fd = -1;
}

void loop_wait(int loop, int timeout)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int n = epoll_wait(loop, events, EVENTS_AT_ONCE, timeout);

	for (int i = 0; i < n; i++) {
		struct loop_source *s = events[i].data.ptr;

		/* A function called before this one may have closed it. */
		if (s->fd >= 0)
			s->ready(s, events[i].events);
	}
}
