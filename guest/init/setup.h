/* SPDX-License-Identifier: Apache-2.0 */
/* What PID 1 sets up before anything else runs. Failures are said on the console, and the boot goes
 * on. */
#ifndef WHERRY_GUEST_SETUP_H
#define WHERRY_GUEST_SETUP_H

#include <stdbool.h>
#include <stdint.h>

/* Make / a mount that pivot_root accepts, without copying anything. First of all. */
void setup_root(void);
/* proc, sysfs, /dev, /run and so on, with their folders and links. */
void setup_mounts(void);
/* stdin, stdout and stderr are the console. */
void setup_stdio(void);
/*
 * Limits for all containers together, so that something is left for PID 1 and the supervisor
 * whatever they do.
 */
void setup_groups(void);
/*
 * PID 1 is about to end, in a container whose group goes on to be somebody's: leave it as it was
 * found.
 */
void setup_groups_end(void);
/* How many processes they may have, of all that the kernel can have (0: not known), when it has
 * `now` of them. */
uint64_t setup_processes_max(uint64_t all, uint64_t now);
/* Loopback, host name, limits. */
void setup_system(void);
/* The file systems of /containers/volumes. */
void setup_volumes(void);
/*
 * Something was mounted: if /var is on a disk now, it gets the folders that programs expect there,
 * and its seed for random numbers is used. True: that is done.
 */
bool setup_kept_var(void);
/* From now on the mounts of / are shared, and it is read-only unless it is to stay writable. */
void setup_seal_root(bool writable);

#endif
