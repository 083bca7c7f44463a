/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What PID 1 sets up before anything else runs. Failures are reported on the console, and the boot
 * goes on.
 */
#ifndef WHERRY_GUEST_SETUP_H
#define WHERRY_GUEST_SETUP_H

#include <stdbool.h>
#include <stdint.h>

/* Make / a mount that pivot_root accepts, without copying anything. Must come first. */
void setup_root(void);
/* Mount /proc, /sys, /dev, /run and so on, and create their directories and links. */
void setup_mounts(void);
/* Make the console stdin, stdout and stderr. */
void setup_stdio(void);
/*
 * Limit all containers together, so that whatever they do, something is left for PID 1 and the
 * supervisor.
 */
void setup_groups(void);
/* Undo setup_groups() before PID 1 ends in a container whose control group stays in use. */
void setup_groups_end(void);
/*
 * How many processes the containers may have, when the kernel can have `all` (0: not known) and has
 * `now`.
 */
uint64_t setup_processes_max(uint64_t all, uint64_t now);
/* Loopback, host name, clock, limits. */
void setup_system(void);
/* Mount the volumes in /containers/volumes. */
void setup_volumes(void);
/*
 * Something was mounted: if /var is on a disk now, create the directories in it that programs
 * expect, and use its random seed. True: done.
 */
bool setup_kept_var(void);
/* Share the mounts of / from now on, and make it read-only unless it is to stay writable. */
void setup_seal_root(bool writable);

#endif
