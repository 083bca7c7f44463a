/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of PID 1 and of the supervisor itself, as those of a container called OWN_NAME: in a
 * ring that outlives the supervisor, in a file, at a syslog server, and in the kernel's log.
 */
#ifndef WHERRY_GUEST_JOURNAL_H
#define WHERRY_GUEST_JOURNAL_H

#include "common/env.h"
#include "common/loop.h"

struct journal {
	struct env *env;
	struct stream *stream;
	struct loop_source from_pid1;
	bool adds; /* what is said about a failure to log is not logged */
	bool more; /* lines were added since it was asked whether they have a file */
};

/*
 * Collect what the supervisor says from now on, and what PID 1 has said. kept: what PID 1 kept
 * (common/kept.h).
 */
void journal_open(struct journal *j, struct env *env, char **kept);
void journal_close(struct journal *j);

#endif
