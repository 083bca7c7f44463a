/* SPDX-License-Identifier: Apache-2.0 */
#include "common/machine.h"

#include <sys/stat.h>

#include "common/fs.h"

/* PROC_PID_INIT_INO of the kernel. */
static const ino_t first_pid_namespace = 0xeffffffc;

bool machine_is_contained(void)
{
	static enum { UNKNOWN, MACHINE, CONTAINER } where;
	struct stat st;

	/* On a machine of our own, /proc is mounted before anything asks. */
	if (where == UNKNOWN && stat("/proc/self/ns/pid", &st) == 0)
		where = st.st_ino == first_pid_namespace ? MACHINE : CONTAINER;
	return where != MACHINE;
}

uint64_t machine_processes_max(void)
{
	uint64_t threads = fs_number("/proc/sys/kernel/threads-max");
	uint64_t pids = fs_number("/proc/sys/kernel/pid_max");

	return pids && pids < threads ? pids : threads;
}
