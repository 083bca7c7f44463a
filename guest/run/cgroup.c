/* SPDX-License-Identifier: Apache-2.0 */
#include "run/cgroup.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "common/machine.h"
#include "common/paths.h"

enum { CGROUP_TEXT_MAX = 16 * 1024, THREADS_PART = 4 };

char *cgroup_parse(const char *text, const char *root, const char *id)
{
	CLEANUP(strv) struct strv lines = {0};
	const char *line;

	strv_split(&lines, text, '\n');
	STRV_FOREACH (line, &lines) {
		/* "0::/PATH" is that of version 2. */
		const char *path = str_after(line, "0::");
		CLEANUP(free) char *name = path ? path_base(path) : NULL;
		CLEANUP(free) char *inside = path ? path_inside(path) : NULL;

		/*
		 * Containers may be configured to share a group, which must not be killed for one
		 * of them.
		 */
		if (inside && str_eq(name, id))
			return path_join(root, inside);
	}
	return NULL;
}

char *cgroup_of(pid_t pid, const char *id)
{
	char path[32], text[CGROUP_TEXT_MAX];

	str_format(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	if (file_read_small(path, text, sizeof(text)) < 0)
		return NULL;
	return cgroup_parse(text, CGROUP_ROOT, id);
}

void cgroup_kill(const char *dir)
{
	CLEANUP(free) char *path = path_join(dir, "cgroup.kill");
	CLEANUP(fd) int fd = open(path, O_WRONLY | O_CLOEXEC);

	/* Needs Linux 5.14; on older kernels PID 1 kills the rest when the machine stops. */
	if (fd >= 0 && write(fd, "1", 1) < 0)
		return;
}

uint64_t cgroup_number(const char *dir, const char *file, const char *key)
{
	CLEANUP(free) char *path = path_join(dir, file);
	CLEANUP(strv) struct strv lines = {0};
	char text[CGROUP_TEXT_MAX];
	const char *line;
	uint64_t n;

	if (file_read_small(path, text, sizeof(text)) < 0)
		return 0;
	strv_split(&lines, text, '\n');
	STRV_FOREACH (line, &lines) {
		const char *rest = key ? str_after(line, key) : line;

		if (rest && (!key || *rest == ' ') && str_to_u64(rest + (key != NULL), 10, &n) == 0)
			return n;
	}
	return 0;
}

void cgroup_protect(const char *dir)
{
	static uint64_t all; /* read once: a later change is meant for something else */
	CLEANUP(free) char *path = path_join(dir, "pids.max");
	CLEANUP(fd) int fd = open(path, O_RDWR | O_CLOEXEC);
	char now[32], limit[32];
	ssize_t n = fd < 0 ? -1 : read(fd, now, sizeof(now) - 1);

	if (!all)
		all = machine_processes_max();
	if (n < 0 || !all)
		return;
	now[n] = 0;
	str_format(limit, sizeof(limit), "%" PRIu64, all / THREADS_PART);
	/* Where it can't be set there is no limit, as with LinuxKit. */
	if (str_after(now, "max") && write(fd, limit, strlen(limit)) < 0)
		return;
}

int cgroup_open_events(const char *dir)
{
	CLEANUP(free) char *path = path_join(dir, "cgroup.events");

	return open(path, O_RDONLY | O_CLOEXEC);
}

bool cgroup_is_populated(int events)
{
	char text[256];
	ssize_t n = pread(events, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return false;
	text[n] = 0;
	return strstr(text, "populated 1") != NULL;
}
