/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reference to a process that a later supervisor can find again, and by which no other process
 * can be signalled.
 */
#ifndef WHERRY_GUEST_PIDREF_H
#define WHERRY_GUEST_PIDREF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct pidref {
	pid_t pid;        /* 0: none */
	uint64_t started; /* clock ticks since the kernel started: with pid it identifies the
			     process for good */
	int fd;           /* from pidfd_open(2); -1: none */
};
#define PIDREF_NONE ((struct pidref){.fd = -1})

/* The field starttime in a text of /proc/PID/stat (proc(5)); 0: there is none. */
uint64_t pidref_parse_start(const char *stat);
/* Refer to a child that has not been reaped yet. The previous reference is released. */
void pidref_set(struct pidref *p, pid_t pid);
/*
 * The same in two steps. The child itself can do the first (struct spawn_witness); p must be
 * PIDREF_NONE then.
 */
void pidref_name(struct pidref *p, pid_t pid);
void pidref_hold(struct pidref *p);
/*
 * Refer to a process of an earlier supervisor. p gets pid and started in any case; false: the
 * process is gone.
 */
bool pidref_attach(struct pidref *p, pid_t pid, uint64_t started);
/* Has it ended and been reaped? False when there is none, or it is not known. */
bool pidref_is_gone(const struct pidref *p);
void pidref_signal(const struct pidref *p, int signal);
/*
 * Would the signal have an effect? The kernel drops signals to the first process of a PID namespace
 * that it has no handler for, except SIGKILL. True when it is not known.
 */
bool pidref_hears(pid_t pid, int signal);
/* The same from the text of /proc/PID/status. */
bool pidref_parse_hears(const char *status, int signal);
/* Is its first thread in sigtimedwait(2) or the like? False when it is not known. */
bool pidref_waits(pid_t pid);
void pidref_clear(struct pidref *p);

#endif
