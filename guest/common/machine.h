/* SPDX-License-Identifier: Apache-2.0 */
/* The machine that the OS runs on: its own, or, in a container, another OS's. */
#ifndef WHERRY_GUEST_MACHINE_H
#define WHERRY_GUEST_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Is the OS itself in a container? Known by the namespace of process ids: the kernel's own has a
 * fixed number. True also while /proc is not mounted.
 */
bool machine_is_contained(void);
/* How many processes and threads the kernel can have (threads-max, pid_max); 0: not known. */
uint64_t machine_processes_max(void);

#endif
