/* SPDX-License-Identifier: Apache-2.0 */
/* What runtime.json asks for, done. */
#ifndef WHERRY_GUEST_PREPARE_H
#define WHERRY_GUEST_PREPARE_H

#include <stdbool.h>
#include <sys/types.h>

#include "run/runtime-spec.h"

/* Before the container is made: folders, mounts, cgroups. */
int prepare_container(const struct runtime_spec *spec, struct werr **err);
/* Is there something to do between making the container and starting its process? */
bool prepare_is_between(const struct runtime_spec *spec);
/*
 * Do it: bind the namespaces of the container's process to their files, so that they stay; give it
 * its interfaces. again: it was done before, for a process that has ended.
 */
int prepare_between(const struct runtime_spec *spec, pid_t pid, bool again, struct werr **err);

#endif
