/* SPDX-License-Identifier: Apache-2.0 */
/* A process that a later supervisor can find again, and that a signal can't miss. */
#ifndef WHERRY_GUEST_PIDREF_H
#define WHERRY_GUEST_PIDREF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct pidref {
	pid_t pid;        /* 0: none */
	uint64_t started; /* clock ticks since the kernel's start: pid and this are the process for
			     good */
	int fd;           /* pidfd_open(2)'s; -1: none */
};
#define PIDREF_NONE ((struct pidref){.fd = -1})

/* The field starttime of a text of /proc/PID/stat (proc(5)); 0: there is none. */
uint64_t pidref_parse_start(const char *stat);
/* A child of ours, which is not reaped yet. What was in p is let go. */
void pidref_set(struct pidref *p, pid_t pid);
/* The same in two steps, of which the child itself can do the first (spawn_witness), where p must
 * be PIDREF_NONE. */
void pidref_name(struct pidref *p, pid_t pid);
void pidref_hold(struct pidref *p);
/* The process of an earlier supervisor. p gets pid and started in any case; false: it is gone. */
bool pidref_attach(struct pidref *p, pid_t pid, uint64_t started);
/* Has it ended and been reaped? False when there is none, or it can't be told. */
bool pidref_is_gone(const struct pidref *p);
void pidref_signal(const struct pidref *p, int signal);
/*
 * Would the signal have an effect? The first process of a PID namespace is sent none that it has no
 * handler for, but for SIGKILL. True when it can't be told.
 */
bool pidref_hears(pid_t pid, int signal);
/* The same from the text of /proc/PID/status. */
bool pidref_parse_hears(const char *status, int signal);
void pidref_clear(struct pidref *p);

#endif
