/* SPDX-License-Identifier: Apache-2.0 */
#include "init/button.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "common/fs.h"

static bool has_power_key(int fd)
{
	unsigned char keys[KEY_MAX / 8 + 1] = {0};

	return ioctl(fd, EVIOCGBIT(EV_KEY, sizeof(keys)), keys) >= 0 &&
	       (keys[KEY_POWER / 8] & (1 << KEY_POWER % 8));
}

size_t button_open(struct pollfd *fds, size_t max)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;
	size_t n = 0;

	fs_names("/dev/input", &names);
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *path = path_join("/dev/input", name);
		CLEANUP(fd) int fd = -1;

		if (n == max || !str_after(name, "event"))
			continue;
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0 && has_power_key(fd))
			fds[n++] = (struct pollfd){.fd = fd_steal(&fd), .events = POLLIN};
	}
	return n;
}

bool button_pressed(struct pollfd *fd)
{
	struct input_event events[16];
	bool pressed = false;
	ssize_t n;

	if (!(fd->revents & (POLLIN | POLLERR | POLLHUP)))
		return false;
	n = read(fd->fd, events, sizeof(events));
	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(events[0]); i++)
		if (events[i].type == EV_KEY && events[i].code == KEY_POWER && events[i].value == 1)
			pressed = true;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close(fd->fd);
		fd->fd = -1;
	}
	return pressed;
}
