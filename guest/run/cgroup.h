/* SPDX-License-Identifier: Apache-2.0 */
/* The control group of a container: all of its processes, whatever PID namespace they are in. */
#ifndef WHERRY_GUEST_CGROUP_H
#define WHERRY_GUEST_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The directory of the process's group. NULL when it is not the group of container id alone, or is
 * not known. Owned by the caller.
 */
char *cgroup_of(pid_t pid, const char *id);
/* The same from the text of /proc/PID/cgroup, with the hierarchy mounted on root. */
char *cgroup_parse(const char *text, const char *root, const char *id);
/* Send SIGKILL to all processes in it. */
void cgroup_kill(const char *dir);
/*
 * Limit the number of processes where the configuration has no limit, to a part of what the machine
 * can have, so that a fork bomb in one container does not stop the others from starting processes.
 */
void cgroup_protect(const char *dir);
/* Open cgroup.events, which signals EPOLLPRI on a change; -1: there is none. */
int cgroup_open_events(const char *dir);
bool cgroup_is_populated(int events);
/* The number in a file ("memory.current"), or in its line "KEY NUMBER"; 0 when there is none. */
uint64_t cgroup_number(const char *dir, const char *file, const char *key);

#endif
