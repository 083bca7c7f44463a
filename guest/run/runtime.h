/* SPDX-License-Identifier: Apache-2.0 */
/* The OCI runtime: crun or runc, whose command lines are the same as far as they are used here. */
#ifndef WHERRY_GUEST_RUNTIME_H
#define WHERRY_GUEST_RUNTIME_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"
#include "common/spawn.h"

/* The path of the one that is installed; crun's when there is none. */
const char *runtime_find(void);

/*
 * These three start the runtime, which ends when its work is done; the witness is told the process
 * ID.
 */

/*
 * Create container id from its bundle, with its output going to the descriptor, and start its
 * process, unless only_create is set.
 */
int runtime_create(const char *runtime, const char *bundle, const char *id, bool only_create,
	bool debug, int output, const struct spawn_witness *witness, struct werr **err);
/* Start the process of a container that was only created. */
int runtime_start(const char *runtime, const char *id, const struct spawn_witness *witness,
	struct werr **err);
/* Remove the runtime's state of the container. */
int runtime_forget(const char *runtime, const char *id, const struct spawn_witness *witness,
	struct werr **err);

/* The container's process, from the runtime's PID file; 0: not written yet. */
pid_t runtime_read_pid(const char *id);
/*
 * Run a command in the container and discard its output. group: a control group below the
 * container's to run it in; NULL: none. The process, whose exit code is the command's, or -errno.
 */
pid_t runtime_exec(
	const char *runtime, const char *id, const struct strv *command, const char *group);
/*
 * The same with stdin, stdout and stderr, optionally with a descriptor 3 (-1: none), and a terminal
 * of its own.
 */
pid_t runtime_exec_on(const char *runtime, const char *id, const struct strv *command,
	const int stdio[static 3], int third, bool terminal);
/*
 * Kill what runtime_exec() runs, except for what has left its session, and the runtime itself,
 * which must not have been reaped.
 */
void runtime_exec_kill(const char *id, pid_t runtime);

#endif
