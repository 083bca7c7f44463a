/* SPDX-License-Identifier: Apache-2.0 */
/* The OCI runtime: crun, or runc, whose command lines are the same as far as they are used here. */
#ifndef WHERRY_GUEST_RUNTIME_H
#define WHERRY_GUEST_RUNTIME_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/* The path of the one that is installed; crun's when none is. */
const char *runtime_find(void);

/*
 * Make container id from its bundle, with its output going to the descriptor; start its process too, unless only_create. The runtime
 * ends when that is done: *ret is its process.
 */
int runtime_create(const char *runtime, const char *bundle, const char *id, bool only_create,
	int output, pid_t *ret, struct werr **err);
/* Start the process of a container that was only created. */
int runtime_start(const char *runtime, const char *id, pid_t *ret, struct werr **err);
/* The container's process, as the runtime wrote it down; 0 before that. */
pid_t runtime_read_pid(const char *id);
/* Remove what the runtime keeps of the container; nobody waits for it. */
void runtime_forget(const char *runtime, const char *id);

#endif
