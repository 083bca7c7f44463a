/* SPDX-License-Identifier: Apache-2.0 */
#include "init/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/cmdline.h"
#include "common/console.h"
#include "contract/paths.h"
#include "init/load.h"
#include "init/rootdev.h"

enum { WAIT_SECONDS = 30, WAIT_SECONDS_MAX = 86400, DEPTH_MAX = 64 };
static const char new_root[] = "/run/root";
/* Tried when the type of a disk is not recognized. */
static const char some_types[] = "squashfs,erofs,ext4,iso9660,xfs,btrfs";
static const char *const moved[] = {"/dev", "/proc", "/sys"};

bool root_is_initramfs(void)
{
	struct statfs fs;

	if (statfs("/", &fs) < 0)
		return false;
	return (uint32_t)fs.f_type == RAMFS_MAGIC || (uint32_t)fs.f_type == TMPFS_MAGIC;
}

/* ---- waiting ---- */

/* Milliseconds; UINT64_MAX: forever. */
static uint64_t wait_limit(const char *cmdline)
{
	CLEANUP(free) char *wait = cmdline_value(cmdline, "rootwait");

	if (wait && !*wait)
		return UINT64_MAX;
	return cmdline_number(cmdline, "rootwait", WAIT_SECONDS, WAIT_SECONDS_MAX) * 1000;
}

/* The device, owned by the caller; NULL when it did not appear in time. */
static char *wait_for_device(const char *root, uint64_t limit)
{
	char *device = rootdev_find(root);

	if (device)
		return device;
	console_line("init: waiting for root=%s", root);
	/* Its driver may be one that only this device needs. */
	return rootdev_wait(rootdev_find, root, limit, load_for_alias);
}

/* ---- mounting ---- */

/* 0, or the most informative errno. */
static int mount_disk(const char *device, const char *types, unsigned long flags, const char *data)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;
	int error = ENODEV;

	strv_split(&names, types, ',');
	STRV_FOREACH (name, &names) {
		if (mount(device, new_root, name, flags, data) == 0)
			return 0;
		/* A type that the kernel lacks says less than a type that does not match. */
		error = errno != ENODEV ? errno : error;
	}
	return error;
}

static bool says_rw(const char *cmdline)
{
	CLEANUP(strv) struct strv words = {0};
	bool writable = false;
	const char *word;

	strv_split(&words, cmdline, ' ');
	STRV_FOREACH (word, &words) {
		if (str_eq(word, "rw"))
			writable = true;
		else if (str_eq(word, "ro"))
			writable = false;
	}
	return writable;
}

static const char *reason(int error)
{
	if (error == ENODEV)
		return "the kernel has no such file system";
	if (error == EOPNOTSUPP)
		return "Not supported (the kernel may lack the compression it was made with; every "
		       "kernel with erofs has lz4)";
	return strerror(error);
}

static bool mount_root(const char *device, const char *cmdline)
{
	CLEANUP(free) char *types = cmdline_value(cmdline, "rootfstype");
	CLEANUP(free) char *data = cmdline_value(cmdline, "rootflags");
	const char *found = rootdev_type(device);
	int error;

	if (!types || !*types)
		str_replace(&types, found ? found : some_types);
	mkdir(new_root, 0755);
	error = mount_disk(device, types, says_rw(cmdline) ? 0 : MS_RDONLY, data);
	if (error)
		console_line(
			"init: can't mount %s (%s) as the root: %s", device, types, reason(error));
	return error == 0;
}

/* ---- entering ---- */

/*
 * Remove everything in the directory that is on its file system, to free its memory; fd is closed.
 */
static void empty(int fd, dev_t dev, int depth)
{
	DIR *d = fdopendir(fd);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		const char *name = entry->d_name;
		struct stat st;

		if (str_eq(name, ".") || str_eq(name, "..") ||
			fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_dev != dev)
			continue;
		if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX) {
			int below =
				openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

			if (below >= 0)
				empty(below, dev, depth + 1);
		}
		unlinkat(fd, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0);
	}
	if (d)
		closedir(d);
	else
		close(fd);
}

/* The kernel's helpers (modprobe) share PID 1's root, so they run from the disk from now on. */
static void enter(const char *device)
{
	static const char *const argv[] = {"/init", NULL};
	int old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(moved); i++) {
		CLEANUP(free) char *target = str_printf("%s%s", new_root, moved[i]);

		if (mount(moved[i], target, NULL, MS_MOVE, NULL) < 0)
			console_line("init: can't move %s to the root on %s: %s", moved[i], device,
				strerror(errno));
	}
	if (chdir(new_root) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 ||
		chdir("/") < 0) {
		console_line("init: can't change to the root on %s: %s", device, strerror(errno));
	} else if (access(argv[0], X_OK) < 0) {
		console_line("init: the root on %s has no /init: %s", device, strerror(errno));
	} else {
		console_line("init: the root is %s", device);
		if (old >= 0 && fstat(old, &st) == 0)
			empty(fd_steal(&old), st.st_dev, 0);
		execve(argv[0], (char *const *)(uintptr_t)argv, environ);
		console_line("init: can't run /init of %s: %s", device, strerror(errno));
	}
	fd_cleanup(&old);
}

bool root_switch(const char *cmdline)
{
	CLEANUP(free) char *root = cmdline_value(cmdline, "root"), *device = NULL;
	uint64_t delay = cmdline_number(cmdline, "rootdelay", 0, WAIT_SECONDS_MAX);

	if (!root || !*root || str_after(root, "/dev/ram") || !root_is_initramfs() ||
		file_exists("/" CONTAINERS_DIR))
		return true;
	if (!rootdev_can_find(root)) {
		console_line("init: root=%s is not supported: it can be /dev/NAME, LABEL=, UUID=, "
			     "PARTLABEL= or PARTUUID=",
			root);
		return false;
	}
	if (delay)
		sleep((unsigned)delay);
	device = wait_for_device(root, wait_limit(cmdline));
	if (!device) {
		CLEANUP(free) char *list = rootdev_list();

		console_line("init: root=%s: no such disk appeared; there are: %s", root, list);
		return false;
	}
	if (mount_root(device, cmdline))
		enter(device);
	return false;
}

bool root_is_writable(const char *cmdline)
{
	return !root_is_initramfs() && says_rw(cmdline);
}
