/* SPDX-License-Identifier: Apache-2.0 */
/* A process that a later supervisor can find again, and that a signal can't miss. */
#ifndef WHERRY_GUEST_PROCESS_H
#define WHERRY_GUEST_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
	pid_t pid;        /* 0: none */
	uint64_t started; /* clock ticks since the kernel's start: pid and this are the process for
			     good */
	int fd;           /* pidfd_open(2)'s; -1: none */
};
#define PROCESS_NONE ((struct process){.fd = -1})

/* The field starttime of a text of /proc/PID/stat (proc(5)); 0: there is none. */
uint64_t process_parse_start(const char *stat);
/* A child of ours, which is not reaped yet. What was in p is let go. */
void process_set(struct process *p, pid_t pid);
/* The same in two steps, of which the child itself can do the first (spawn_witness), where p must
 * be PROCESS_NONE. */
void process_name(struct process *p, pid_t pid);
void process_hold(struct process *p);
/* The process of an earlier supervisor. p gets pid and started in any case; false: it is gone. */
bool process_attach(struct process *p, pid_t pid, uint64_t started);
/* Has it ended and been reaped? False when there is none, or it can't be told. */
bool process_is_gone(const struct process *p);
void process_signal(const struct process *p, int signal);
/*
 * Would the signal have an effect? The first process of a PID namespace is sent none that it has no
 * handler for, but for SIGKILL. True when it can't be told.
 */
bool process_hears(pid_t pid, int signal);
/* The same from the text of /proc/PID/status. */
bool process_parse_hears(const char *status, int signal);
void process_clear(struct process *p);

#endif
