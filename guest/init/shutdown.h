/* SPDX-License-Identifier: Apache-2.0 */
/* The last steps of PID 1. */
#ifndef WHERRY_GUEST_SHUTDOWN_H
#define WHERRY_GUEST_SHUTDOWN_H

#include "base/attr.h"
#include "common/power.h"

/*
 * End all processes, write everything to disk, unmount, and stop the machine; that happens within a
 * fixed time, even when something hangs. In a container, exit instead: with exit code 0, or by
 * SIGHUP to ask the container manager for a restart.
 */
ATTR_NORETURN void shutdown_now(const struct power_action *action);

#endif
