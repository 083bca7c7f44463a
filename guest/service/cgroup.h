/* SPDX-License-Identifier: Apache-2.0 */
/* The control group of a container: all of its processes, also those outside of a PID namespace of its own. */
#ifndef WHERRY_GUEST_CGROUP_H
#define WHERRY_GUEST_CGROUP_H

#include <sys/types.h>

/* The folder of the process's group. NULL when it isn't one made for container id alone, or can't be told. Owned. */
char *cgroup_of(pid_t pid, const char *id);
/* The same from the text of /proc/PID/cgroup, below the folder root. */
char *cgroup_parse(const char *text, const char *root, const char *id);
/* SIGKILL for all that are left in it. */
void cgroup_kill(const char *dir);

#endif
