/* SPDX-License-Identifier: Apache-2.0 */
#include "service/cgroup.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

enum { CGROUP_TEXT_MAX = 16 * 1024 };

char *cgroup_parse(const char *text, const char *root, const char *id)
{
	CLEANUP(strv) struct strv lines = {0};
	const char *line;

	strv_split(&lines, text, '\n');
	STRV_FOREACH (line, &lines) {
		/* "0::/PATH" is version 2's. */
		const char *path = str_after(line, "0::");
		CLEANUP(free) char *name = path ? path_base(path) : NULL;
		CLEANUP(free) char *inside = path ? path_inside(path) : NULL;

		/* A configuration can have containers share a group, which then isn't ours to kill. */
		if (inside && str_eq(name, id))
			return path_join(root, inside);
	}
	return NULL;
}

char *cgroup_of(pid_t pid, const char *id)
{
	CLEANUP(free) char *path = str_printf("/proc/%d/cgroup", (int)pid);
	CLEANUP(free) char *text = NULL;
	size_t size;

	if (file_read(path, CGROUP_TEXT_MAX, &text, &size, NULL) < 0)
		return NULL;
	return cgroup_parse(text, "/sys/fs/cgroup", id);
}

void cgroup_kill(const char *dir)
{
	CLEANUP(free) char *path = path_join(dir, "cgroup.kill");
	CLEANUP(fd) int fd = open(path, O_WRONLY | O_CLOEXEC);

	/* Linux 5.14 has it; on an older one PID 1 ends what is left when the machine stops. */
	if (fd >= 0 && write(fd, "1", 1) < 0)
		return;
}
