/* SPDX-License-Identifier: Apache-2.0 */
#include "control/ports.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "common/fs.h"
#include "contract/outside.h"
#include "control/port.h"

enum { TRIES = 50, TRY_MS = 200, NAME_MAX_SIZE = 128 };

struct ports {
	struct control *control;
	int loop;
	char *sys, *dev;
	unsigned tries;           /* left */
	struct loop_source timer; /* until all are found */
	struct port *items[OUTSIDE_PORTS_MAX];
	size_t n;
};

/* A console device (virtio 1.2, 5.3) tells of its ports some time after it was found. */
static bool may_come(const char *dir)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	fs_names(dir, &names);
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *path = str_printf("%s/%s/device", dir, name);
		char text[32];
		uint64_t id;

		if (file_read_small(path, text, sizeof(text)) <= 0)
			continue;
		text[strcspn(text, "\n")] = 0;
		if (str_to_u64(text, 0, &id) == 0 && id == 3)
			return true;
	}
	return false;
}

static void use(struct ports *p, const char *device)
{
	CLEANUP(free) char *node = str_printf("%s/%s", p->dev, device);
	int fd = p->n == OUTSIDE_PORTS_MAX ? -1
					   : open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0)
		p->items[p->n++] = port_new(p->control, p->loop, fd);
}

/*
 * Use the ports with our names, once the last one is there. As only then any is used, none is used
 * twice.
 */
static bool find(struct ports *p)
{
	CLEANUP(free) char *dir = str_printf("%s/class/virtio-ports", p->sys);
	CLEANUP(strv) struct strv names = {0}, ours = {0};
	const char *name;
	bool all = false;

	fs_names(dir, &names);
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *path = str_printf("%s/%s/name", dir, name);
		char text[NAME_MAX_SIZE];

		if (file_read_small(path, text, sizeof(text)) <= 0)
			continue;
		text[strcspn(text, "\n")] = 0;
		if (str_after(text, OUTSIDE_PORTS))
			strv_add(&ours, name);
		all = all || str_eq(text, OUTSIDE_PORT);
	}
	if (all)
		STRV_FOREACH (name, &ours)
			use(p, name);
	return p->n > 0;
}

static void timer_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct ports *p = CONTAINER_OF(source, struct ports, timer);
	uint64_t times;

	if (read(source->fd, &times, sizeof(times)) < 0)
		return;
	if (find(p) || --p->tries == 0)
		loop_close(p->loop, source);
}

static void look_again(struct ports *p)
{
	static const struct itimerspec every = {
		{.tv_nsec = TRY_MS * 1000000L}, {.tv_nsec = TRY_MS * 1000000L}};

	p->tries = TRIES;
	p->timer = (struct loop_source){
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), timer_ready};
	if (p->timer.fd < 0)
		return;
	timerfd_settime(p->timer.fd, 0, &every, NULL);
	loop_add(p->loop, &p->timer, EPOLLIN);
}

struct ports *ports_new(struct control *control, int loop, const char *sys, const char *dev)
{
	struct ports *p = mem_new(struct ports);
	CLEANUP(free) char *devices = str_printf("%s/bus/virtio/devices", sys);

	*p = (struct ports){.control = control,
		.loop = loop,
		.sys = str_dup(sys),
		.dev = str_dup(dev),
		.timer.fd = -1};
	if (!find(p) && may_come(devices))
		look_again(p);
	return p;
}

void ports_free(struct ports *p)
{
	if (!p)
		return;
	while (p->n)
		port_free(p->items[--p->n]);
	loop_close(p->loop, &p->timer);
	free(p->sys);
	free(p->dev);
	free(p);
}
