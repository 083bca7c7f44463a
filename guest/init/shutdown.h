/* SPDX-License-Identifier: Apache-2.0 */
/* The last steps of PID 1. */
#ifndef WHERRY_GUEST_SHUTDOWN_H
#define WHERRY_GUEST_SHUTDOWN_H

#include "base/attr.h"
#include "common/power.h"

/*
 * End all processes, write everything to disk, unmount, and stop the machine. Whatever hangs, the
 * machine stops after a fixed time. A container just ends: with exit code 0, or for a restart by
 * SIGHUP, as container managers know it.
 */
ATTR_NORETURN void shutdown_now(const struct power_action *action);

#endif
