/* SPDX-License-Identifier: Apache-2.0 */
/* The file systems of the running OS, as tables. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mount.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "common/console.h"
#include "common/fs.h"
#include "common/machine.h"
#include "common/paths.h"
#include "init/entropy.h"
#include "init/root.h"
#include "init/setup.h"

#define SAFE (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static const struct {
	const char *type, *target;
	unsigned long flags;
	const char *data;
	bool optional; /* only mounted where the kernel provides the directory */
} mounts[] = {
	{"proc", "/proc", SAFE | MS_RELATIME, NULL, false},
	{"sysfs", "/sys", SAFE | MS_RELATIME, NULL, false},
	{"devtmpfs", "/dev", MS_NOSUID | MS_NOEXEC, "mode=0755", false},
	{"devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=0620,ptmxmode=0666", false},
	{"tmpfs", "/dev/shm", SAFE, "mode=1777", false},
	{"mqueue", "/dev/mqueue", SAFE, NULL, false},
	{"tmpfs", "/run", SAFE | MS_RELATIME, "size=10%,mode=0755", false},
	/* Separate, so that there is room for the state of containers when /run is full. */
	{"tmpfs", RUN_DIR, SAFE | MS_RELATIME, "size=16m,mode=0700", false},
	{"tmpfs", "/tmp", SAFE | MS_RELATIME, "size=10%,mode=1777", false},
	{"tmpfs", "/var", SAFE | MS_RELATIME, "size=50%,mode=0755", false},
	{"cgroup2", CGROUP_ROOT, SAFE | MS_RELATIME, NULL, false},
	{"securityfs", "/sys/kernel/security", SAFE | MS_RELATIME, NULL, true},
	{"debugfs", "/sys/kernel/debug", SAFE | MS_RELATIME, NULL, true},
	{"configfs", "/sys/kernel/config", SAFE | MS_RELATIME, NULL, true},
	{"fusectl", "/sys/fs/fuse/connections", SAFE | MS_RELATIME, NULL, true},
	{"pstore", "/sys/fs/pstore", SAFE | MS_RELATIME, NULL, true},
	{"bpf", "/sys/fs/bpf", SAFE | MS_RELATIME, "mode=0700", true},
	{"efivarfs", "/sys/firmware/efi/efivars", SAFE | MS_RELATIME, NULL, true},
	{"binfmt_misc", "/proc/sys/fs/binfmt_misc", SAFE | MS_RELATIME, NULL, true},
};

static const struct {
	const char *path;
	mode_t mode;
} folders[] = {
	{"/run/lock", 01777},
	{"/run/log", 0755},
	{"/run/log/onboot", 0755},
	{"/run/resolvconf", 0755},
	{RUN_DIR, 0700},
	{"/var/cache", 0755},
	{"/var/empty", 0555},
	{"/var/lib", 0755},
	{"/var/local", 0755},
	{"/var/log", 0755},
	{"/var/opt", 0755},
	{"/var/spool", 0755},
	{"/var/tmp", 01777},
};

static const struct {
	const char *path, *target;
} links[] = {
	{"/dev/fd", "/proc/self/fd"},
	{"/dev/stdin", "/proc/self/fd/0"},
	{"/dev/stdout", "/proc/self/fd/1"},
	{"/dev/stderr", "/proc/self/fd/2"},
	{"/var/run", "/run"},
	{"/var/lock", "/run/lock"},
};

/* Devices that programs expect, for when the OS runs in a container that was given none. */
static const struct {
	const char *path;
	unsigned major, minor;
} devices[] = {
	{"/dev/null", 1, 3},
	{"/dev/zero", 1, 5},
	{"/dev/full", 1, 7},
	{"/dev/random", 1, 8},
	{"/dev/urandom", 1, 9},
	{"/dev/tty", 5, 0},
};

/* Paths with the same kind of failure, to report in one line. */
struct failures {
	struct strv paths;
	int error; /* of the first */
};

static void note(struct failures *f, const char *path)
{
	if (!f->paths.n)
		f->error = errno;
	strv_add(&f->paths, path);
}

static void say(struct failures *f, const char *what)
{
	CLEANUP(free) char *list = strv_join(&f->paths, ", ");

	if (f->paths.n)
		console_line("init: can't %s %s: %s; continuing without", what, list,
			strerror(f->error));
	strv_clear(&f->paths);
}

static void failed(const char *what, const char *path)
{
	struct failures f = {0};

	note(&f, path);
	say(&f, what);
}

/*
 * Containers need pivot_root, which the kernel refuses for the very first mount, where an initramfs
 * lives. A second mount of the same file system, moved over the first, is an ordinary one; /run is
 * still empty and serves as the place for it. The same helps after chroot, where / is not a mount
 * at all, which the first call reveals. A mount must not be shared to be moved.
 */
void setup_root(void)
{
	if (mount(NULL, "/", NULL, MS_PRIVATE, NULL) < 0 ? errno != EINVAL : !root_is_initramfs())
		return;
	mkdir("/run", 0755);
	if (mount("/", "/run", NULL, MS_BIND | MS_REC, NULL) < 0 || chdir("/run") < 0 ||
		mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
		failed("make a mount of", "/");
}

static bool is_mounted(const char *target)
{
	CLEANUP(free) char *above = str_printf("%s/..", target);
	struct stat st, parent;

	return stat(target, &st) == 0 && stat(above, &parent) == 0 && st.st_dev != parent.st_dev;
}

/* A container does not get the machine's devices. */
static const char *type_here(const char *type)
{
	return machine_is_contained() && str_eq(type, "devtmpfs") ? "tmpfs" : type;
}

/* Also called for a disk that is mounted on /var. */
static void make_folders(struct failures *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if ((mkdir(folders[i].path, 0) < 0 && errno != EEXIST) ||
			chmod(folders[i].path, folders[i].mode) < 0)
			note(f, folders[i].path);
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (symlink(links[i].target, links[i].path) < 0 && errno != EEXIST)
			note(f, links[i].path);
}

static void make_mounts(void)
{
	struct failures f = {0};

	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		const char *target = mounts[i].target, *type = type_here(mounts[i].type);

		if (!mounts[i].optional)
			mkdir(target, 0755);
		else if (access(target, F_OK) < 0 || machine_is_contained())
			continue;
		/* A container manager may have mounted it already. */
		if (!is_mounted(target) &&
			mount(type, target, type, mounts[i].flags, mounts[i].data) < 0 &&
			!(mounts[i].optional && (errno == ENODEV || errno == EBUSY)))
			note(&f, target);
	}
	say(&f, "mount");
}

/*
 * A control group with processes cannot pass controllers on, and the root of a container is such a
 * group, so PID 1 leaves it.
 */
static void leave_root_group(void)
{
	CLEANUP(fd) int fd = -1;

	if (mkdir(CGROUP_OWN, 0755) < 0 && errno != EEXIST)
		return;
	fd = open(CGROUP_OWN "/cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "0", 1) < 0)
		failed("enter", CGROUP_OWN);
}

/*
 * An archive, or a file system made from one, may have no entry for the root directory itself: then
 * the kernel makes it writable for everyone. In a container the directory belongs to someone else.
 */
static void guard_root(void)
{
	struct stat st;

	if (!machine_is_contained() && stat("/", &st) == 0 && (st.st_mode & 022) &&
		chmod("/", 0755) < 0 && errno != EROFS)
		failed("set the mode of", "/");
}

/* For a link to a place that does not exist yet; what it can't make is reported by the caller. */
static void make_dir_of_target(const char *link)
{
	char target[PATH_MAX];
	ssize_t n = readlink(link, target, sizeof(target) - 1);
	CLEANUP(free) char *dir = NULL;

	if (n <= 0 || target[0] != '/')
		return;
	target[n] = '\0';
	dir = path_dir(target);
	file_make_dirs(dir, 0755, NULL);
}

/*
 * Containers have the OS's /etc/resolv.conf, which is a link to the first of these files unless the
 * YAML says otherwise: they must be able to start before any name server is known, as with
 * LinuxKit's init.
 */
static void make_resolv_conf(struct failures *f)
{
	static const char *const paths[] = {"/run/resolvconf/resolv.conf", "/etc/resolv.conf"};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		CLEANUP(fd) int fd = -1;

		if (file_exists(paths[i]))
			continue;
		make_dir_of_target(paths[i]);
		fd = open(paths[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0)
			note(f, paths[i]);
	}
}

void setup_mounts(void)
{
	struct failures f = {0};

	make_mounts();
	guard_root();
	if (machine_is_contained())
		leave_root_group();
	for (size_t i = 0; machine_is_contained() && i < ARRAY_SIZE(devices); i++)
		if ((mknod(devices[i].path, S_IFCHR, makedev(devices[i].major, devices[i].minor)) <
				    0 &&
			    errno != EEXIST) ||
			chmod(devices[i].path, 0666) < 0)
			note(&f, devices[i].path);
	make_folders(&f);
	make_resolv_conf(&f);
	say(&f, "create");
}

bool setup_kept_var(void)
{
	struct failures f = {0};

	if (fs_is_persistent("/var")) {
		make_folders(&f);
		say(&f, "create");
	}
	return entropy_seed();
}

void setup_seal_root(bool writable)
{
	if (!writable && mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
		failed("remount read-only", "/");
	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
		failed("share the mounts of", "/");
}
