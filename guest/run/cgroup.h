/* SPDX-License-Identifier: Apache-2.0 */
/* The control group of a container: all of its processes, also those outside of a PID namespace of
 * its own. */
#ifndef WHERRY_GUEST_CGROUP_H
#define WHERRY_GUEST_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The folder of the process's group. NULL when it isn't one made for container id alone, or can't
 * be told. Owned. */
char *cgroup_of(pid_t pid, const char *id);
/* The same from the text of /proc/PID/cgroup, below the folder root. */
char *cgroup_parse(const char *text, const char *root, const char *id);
/* SIGKILL for all that are left in it. */
void cgroup_kill(const char *dir);
/*
 * A limit for processes where the configuration has none: a part of what the machine can have, so
 * that a container that starts them without end does not keep the others from starting any.
 */
void cgroup_protect(const char *dir);
/* cgroup.events, which has EPOLLPRI when something changes; -1: there is none. */
int cgroup_open_events(const char *dir);
bool cgroup_is_populated(int events);
/* The number of a file with only one ("memory.current"), or of a line "KEY NUMBER" of it; 0 when
 * there is none. */
uint64_t cgroup_number(const char *dir, const char *file, const char *key);

#endif
