/* SPDX-License-Identifier: Apache-2.0 */
/* The OCI runtime: crun, or runc, whose command lines are the same as far as they are used here. */
#ifndef WHERRY_GUEST_RUNTIME_H
#define WHERRY_GUEST_RUNTIME_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"
#include "common/spawn.h"

/* The path of the one that is installed; crun's when none is. */
const char *runtime_find(void);

/* These three start the runtime, which ends when the work is done; the witness is told of its
 * process. */

/* Make container id from its bundle, with its output going to the descriptor; start its process
 * too, unless only_create. */
int runtime_create(const char *runtime, const char *bundle, const char *id, bool only_create,
	bool debug, int output, const struct spawn_witness *witness, struct werr **err);
/* Start the process of a container that was only created. */
int runtime_start(const char *runtime, const char *id, const struct spawn_witness *witness,
	struct werr **err);
/* Remove what the runtime keeps of the container. */
int runtime_forget(const char *runtime, const char *id, const struct spawn_witness *witness,
	struct werr **err);

/* The container's process, as the runtime wrote it down; 0 before that. */
pid_t runtime_read_pid(const char *id);
/*
 * Run a command in the container, with its output thrown away, and in that control group below the
 * container's, unless it is NULL: the process, which ends with its exit code, or -errno.
 */
pid_t runtime_exec(
	const char *runtime, const char *id, const struct strv *command, const char *group);
/* The same with stdin, stdout and stderr given, and a terminal of its own if asked for. */
pid_t runtime_exec_on(const char *runtime, const char *id, const struct strv *command,
	const int stdio[static 3], bool terminal);
/*
 * End what runtime_exec() runs, as far as it has not left its session, and the runtime itself,
 * which has not been reaped.
 */
void runtime_exec_kill(const char *id, pid_t runtime);

#endif
