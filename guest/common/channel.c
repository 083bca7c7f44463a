/* SPDX-License-Identifier: Apache-2.0 */
#include "common/channel.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/passfd.h"

enum { PATIENCE_MS = 1000 };

int channel_open(int ends[static 2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0
		       ? -errno
		       : 0;
}

int channel_send(int fd, const struct channel_message *m, int passed)
{
	ssize_t n = passfd_send(fd, m, sizeof(*m), &passed, passed >= 0);

	return n < 0 ? (int)n : 0;
}

int channel_send_patiently(int fd, const struct channel_message *m, int passed)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};
	int r = channel_send(fd, m, passed);

	if (r == -EAGAIN && poll(&room, 1, PATIENCE_MS) > 0)
		r = channel_send(fd, m, passed);
	return r;
}

int channel_receive(int fd, struct channel_message *m, int *passed)
{
	int fds[PASSFD_MAX];
	size_t n_fds;
	ssize_t n = passfd_receive(fd, m, sizeof(*m), fds, &n_fds);

	*passed = n_fds ? fds[0] : -1;
	for (size_t i = 1; i < n_fds; i++)
		close(fds[i]);
	if (n == (ssize_t)sizeof(*m)) {
		m->name[CHANNEL_NAME_MAX - 1] = 0;
		if (m->n > CHANNEL_ENDS_MAX)
			m->n = CHANNEL_ENDS_MAX;
		return 1;
	}
	if (n_fds)
		close(fds[0]);
	*passed = -1;
	return 0;
}
