/* SPDX-License-Identifier: Apache-2.0 */
/* The disks of the machine, as the kernel lists them in /sys/class/block. */
#ifndef WHERRY_GUEST_WHOLEDISK_H
#define WHERRY_GUEST_WHOLEDISK_H

#include <stdbool.h>

#include "base/str.h"

#define WHOLEDISK_SYS "/sys/class/block"

/*
 * Add the names of all real disks, sorted: those with a device behind them and a size, without
 * partitions, CDs, floppies, flash without a controller, and what can only be read. sys is
 * WHOLEDISK_SYS.
 */
void wholedisk_list(const char *sys, struct strv *ret);
/* Whether it is the name of a whole disk of any kind, not of a partition. */
bool wholedisk_is(const char *sys, const char *name);
/* The path of its partition n, owned by the caller: "/dev/vda1", "/dev/nvme0n1p1". */
char *wholedisk_partition(const char *device, unsigned n);

#endif
