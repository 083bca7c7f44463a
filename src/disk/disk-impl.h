/* SPDX-License-Identifier: Apache-2.0 */
/* What the formats of disks share. */
#ifndef WHERRY_DISK_DISK_IMPL_H
#define WHERRY_DISK_DISK_IMPL_H

#include "disk/disk.h"

/* The size in whole units of bytes; WERR_LIMIT when a file can't be that large. */
int disk_whole_size(const struct extents *d, uint64_t unit, uint64_t *ret, struct werr **err);

#endif
