/* SPDX-License-Identifier: Apache-2.0 */
#include "service/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

int netns_enter(pid_t pid)
{
	CLEANUP(free) char *path = str_printf("/proc/%d/ns/net", (int)pid);
	CLEANUP(fd) int there = open(path, O_RDONLY | O_CLOEXEC);
	CLEANUP(fd) int back = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (there < 0 || back < 0 || setns(there, CLONE_NEWNET) < 0)
		return -errno;
	return fd_steal(&back);
}

void netns_leave(int back)
{
	setns(back, CLONE_NEWNET);
	close(back);
}
