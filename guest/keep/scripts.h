/* SPDX-License-Identifier: Apache-2.0 */
/* The scripts of /etc/init.d, one after another (contract/initd.h). */
#ifndef WHERRY_GUEST_SCRIPTS_H
#define WHERRY_GUEST_SCRIPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"
#include "contract/initd.h"

struct scripts {
	char *dir;
	struct strv names; /* in order; without those that something else replaces */
	size_t next;
	uint64_t limit;           /* ms that one may take */
	pid_t pid;                /* of the one that runs; 0: none */
	uint64_t began, deadline; /* of that one, in ms of uptime; deadline 0: none */
};

/*
 * Find them. note: a file with the name of the last one that began, so that none is run again after
 * the supervisor has ended; it is written by scripts_run().
 */
void scripts_read(struct scripts *ret, const char *dir, const char *note, uint64_t limit);
void scripts_cleanup(struct scripts *s);
/*
 * Begin the next one if its time is `when` or earlier, and none runs. True: one of them runs, and
 * what comes after has to wait.
 */
bool scripts_run(struct scripts *s, const char *note, enum initd_when when);
/* True when the child was the script that runs. */
bool scripts_child_ended(struct scripts *s, pid_t pid, int status);
/* End the one that takes too long, with what it has started in its session. */
void scripts_tick(struct scripts *s, uint64_t now);
/* The machine is stopping: none begins any more. */
void scripts_stop(struct scripts *s);

#endif
