/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control groups: one for PID 1 and the supervisor, and one for all containers together, which from
 * then on is the root of the hierarchy that everything sees. So /sys/fs/cgroup/NAME is a
 * container's group, as with LinuxKit, and /sys/fs/cgroup itself has limits.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "common/fs.h"
#include "common/machine.h"
#include "common/paths.h"
#include "init/setup.h"

enum { DEPTH_MAX = 32, SPARED_MEMORY = 8 << 20, PROCESSES_KEPT_MIN = 64, PROCESSES_KEPT_PART = 16 };
static const char common[] = CGROUP_ROOT "/containers";

static bool put(const char *dir, const char *file, const char *text)
{
	CLEANUP(free) char *path = path_join(dir, file);
	CLEANUP(fd) int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && fd_write_all(fd, text, strlen(text)) == 0;
}

/*
 * The number of threads, including the kernel's: what follows the slash in "0.20 0.18 0.12 1/80
 * 11206" (proc(5)).
 */
static uint64_t threads_now(void)
{
	char text[128], *slash;
	uint64_t n;

	if (file_read_small("/proc/loadavg", text, sizeof(text)) < 0 ||
		!(slash = strchr(text, '/')))
		return 0;
	slash[1 + strcspn(slash + 1, " ")] = 0;
	return str_to_u64(slash + 1, 10, &n) == 0 ? n : 0;
}

uint64_t setup_processes_max(uint64_t all, uint64_t now)
{
	uint64_t kept = all / PROCESSES_KEPT_PART;

	if (kept < PROCESSES_KEPT_MIN)
		kept = PROCESSES_KEPT_MIN;
	return all > 2 * (now + kept) ? all - now - kept : all / 2;
}

/* One by one, because the kernel accepts all or none of a line. */
static void enable_controllers(void)
{
	CLEANUP(strv) struct strv names = {0};
	char text[1024];
	const char *name;

	if (file_read_small(CGROUP_ROOT "/cgroup.controllers", text, sizeof(text)) < 0)
		return;
	text[strcspn(text, "\n")] = 0;
	strv_split(&names, text, ' ');
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *word = str_printf("+%s", name);

		put(CGROUP_ROOT, "cgroup.subtree_control", word);
	}
}

/*
 * Reserve for PID 1 and the supervisor what the containers together cannot have: some processes,
 * and memory.
 */
static void set_limits(void)
{
	uint64_t max = setup_processes_max(machine_processes_max(), threads_now());
	char text[32];

	str_format(text, sizeof(text), "%" PRIu64, max);
	if (max)
		put(common, "pids.max", text);
	str_format(text, sizeof(text), "%d", SPARED_MEMORY);
	put(CGROUP_OWN, "memory.min", text);
}

/*
 * The root of a new cgroup namespace is the group of the process that creates it. False: nothing
 * has changed.
 */
static bool make_root_of(const char *group)
{
	bool made = put(group, "cgroup.procs", "0") && unshare(CLONE_NEWCGROUP) == 0;

	put(made ? CGROUP_OWN : CGROUP_ROOT, "cgroup.procs", "0");
	return made;
}

void setup_groups(void)
{
	const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME;

	/* In a container, the container manager has set limits. */
	if (machine_is_contained() || mkdir(CGROUP_OWN, 0755) < 0 || mkdir(common, 0755) < 0)
		return;
	enable_controllers();
	set_limits();
	if (!make_root_of(common))
		return;
	umount2(CGROUP_ROOT, UMOUNT_NOFOLLOW);
	mount("cgroup2", CGROUP_ROOT, "cgroup2", flags, NULL);
}

static void remove_groups_in(const char *dir, int depth)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	if (depth < DEPTH_MAX)
		fs_names(dir, &names);
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *path = path_join(dir, name);
		struct stat st;

		if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
			continue;
		remove_groups_in(path, depth + 1);
		rmdir(path);
	}
}

/* A group may have processes of its own again once it no longer passes controllers on. */
void setup_groups_end(void)
{
	CLEANUP(strv) struct strv names = {0};
	char text[1024] = "";
	const char *name;

	remove_groups_in(CGROUP_ROOT, 0);
	file_read_small(CGROUP_ROOT "/cgroup.subtree_control", text, sizeof(text));
	text[strcspn(text, "\n")] = 0;
	strv_split(&names, text, ' ');
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *word = str_printf("-%s", name);

		put(CGROUP_ROOT, "cgroup.subtree_control", word);
	}
	if (put(CGROUP_ROOT, "cgroup.procs", "0"))
		rmdir(CGROUP_OWN);
}
