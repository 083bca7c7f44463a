/* SPDX-License-Identifier: Apache-2.0 */
/* Carrying out what runtime.json asks for. */
#ifndef WHERRY_GUEST_PREPARE_H
#define WHERRY_GUEST_PREPARE_H

#include <stdbool.h>
#include <sys/types.h>

#include "run/runtime-spec.h"

/* Before the container is created: directories, mounts, control groups. */
int prepare_container(const struct runtime_spec *spec, struct werr **err);
/* Is there anything to do between creating the container and starting its process? */
bool prepare_is_between(const struct runtime_spec *spec);
/*
 * Do it: bind the namespaces of the container's process to files, so that they persist, and set up
 * its interfaces. again: it was done before, for a process that has ended.
 */
int prepare_between(const struct runtime_spec *spec, pid_t pid, bool again, struct werr **err);

#endif
