/* SPDX-License-Identifier: Apache-2.0 */
#include "init/uevent.h"

#include <limits.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

enum { EVENT_MAX = 4096 };

int uevent_open(void)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int fd = socket(
		AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* "add@/devices/..." and lines KEY=VALUE, each NUL-terminated. */
static const char *new_alias(const char *event, size_t size)
{
	if (!str_after(event, "add@"))
		return NULL;
	for (const char *s = event; s < event + size; s += strlen(s) + 1) {
		const char *alias = str_after(s, "MODALIAS=");

		if (alias)
			return alias;
	}
	return NULL;
}

void uevent_wait(int fd, uint64_t ms, void (*new_device)(const char *alias))
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char event[EVENT_MAX + 1];
	ssize_t n;

	poll(&p, 1, ms > INT_MAX ? INT_MAX : (int)ms);
	while (fd >= 0 && (n = recv(fd, event, EVENT_MAX, 0)) > 0) {
		const char *alias;

		event[n] = 0;
		alias = new_alias(event, (size_t)n);
		if (alias && new_device)
			new_device(alias);
	}
}
