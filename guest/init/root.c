/* SPDX-License-Identifier: Apache-2.0 */
#include "init/root.h"

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/clock.h"
#include "common/cmdline.h"
#include "common/console.h"

enum { WAIT_SECONDS = 30 };
static const char new_root[] = "/run/root";
static const char *const types[] = {"squashfs", "erofs", "ext4", "iso9660", "xfs", "btrfs"};
static const char *const moved[] = {"/dev", "/proc", "/sys"};

/* The kernel tells of each new device on this socket. -1: then only the time is waited for. */
static int open_uevents(void)
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

static bool wait_for_device(const char *path)
{
	CLEANUP(fd) int fd = open_uevents();
	uint64_t until = clock_ms() + WAIT_SECONDS * 1000, now;
	char event[4096];

	while (access(path, F_OK) < 0) {
		struct pollfd p = {.fd = fd, .events = POLLIN};

		now = clock_ms();
		if (now >= until)
			return false;
		poll(&p, 1, (int)(until - now));
		while (fd >= 0 && recv(fd, event, sizeof(event), 0) > 0)
			continue;
	}
	return true;
}

/* 0 or the errno of the last that was tried. */
static int mount_disk(const char *device, const char *type, const char *flags)
{
	int error = ENODEV;

	if (type)
		return mount(device, new_root, type, MS_RDONLY, flags) < 0 ? errno : 0;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (mount(device, new_root, types[i], MS_RDONLY, flags) == 0)
			return 0;
		/* What the kernel does not know says less than that it is something else. */
		error = errno != ENODEV ? errno : error;
	}
	return error;
}

static void enter(void)
{
	static const char *const argv[] = {"/init", NULL};

	for (size_t i = 0; i < ARRAY_SIZE(moved); i++) {
		CLEANUP(free) char *target = str_printf("%s%s", new_root, moved[i]);

		mount(moved[i], target, NULL, MS_MOVE, NULL);
	}
	if (chdir(new_root) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 ||
		chdir("/") < 0)
		console_line("init: can't change to the root on the disk: %s", strerror(errno));
	else
		execve(argv[0], (char *const *)(uintptr_t)argv, environ);
	console_line("init: the root on the disk has no /init: %s", strerror(errno));
}

void root_switch(const char *cmdline)
{
	CLEANUP(free) char *device = cmdline_value(cmdline, "root");
	CLEANUP(free) char *type = cmdline_value(cmdline, "rootfstype");
	CLEANUP(free) char *flags = cmdline_value(cmdline, "rootflags");
	int error;

	if (!device || !*device || str_after(device, "/dev/ram") || file_exists("/containers"))
		return;
	if (*device != '/') {
		console_line("init: root=%s: only a device in /dev can be the root", device);
		return;
	}
	if (!wait_for_device(device)) {
		console_line("init: root=%s: no such device came in %d s", device, WAIT_SECONDS);
		return;
	}
	mkdir(new_root, 0755);
	error = mount_disk(device, type, flags);
	if (error)
		console_line("init: can't mount %s: %s", device, strerror(error));
	else
		enter();
}
