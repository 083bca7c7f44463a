/* SPDX-License-Identifier: Apache-2.0 */
/* What runtime.json asks for, done. */
#ifndef WHERRY_GUEST_PREPARE_H
#define WHERRY_GUEST_PREPARE_H

#include <stdbool.h>
#include <sys/types.h>

#include "service/runtime-spec.h"

/* Before the container is made: folders, mounts, cgroups. WERR_UNSUPPORTED when it asks for interfaces. */
int prepare_container(const struct runtime_spec *spec, struct werr **err);
/* Is there something to do between making the container and starting its process? */
bool prepare_has_namespaces(const struct runtime_spec *spec);
/* Bind the namespaces of the container's process to their files, so that they stay. */
int prepare_bind_namespaces(const struct runtime_spec *spec, pid_t pid, struct werr **err);

#endif
