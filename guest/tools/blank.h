/* SPDX-License-Identifier: Apache-2.0 */
/* Whether there is anything on a part of a disk. */
#ifndef WHERRY_GUEST_BLANK_H
#define WHERRY_GUEST_BLANK_H

#include <stdint.h>

/* What must be zeros at both ends of a disk before anything is written to it, in bytes. */
enum { BLANK_EDGE = 1 << 20 };

/*
 * Look for a byte that is not 0 among the size bytes from `at` on of an open file or device.
 * Returns 1, and *ret_at is where the first one is; 0 when all are 0; or -errno, -EIO when there
 * are fewer bytes.
 */
int blank_find(int fd, uint64_t at, uint64_t size, uint64_t *ret_at);

#endif
