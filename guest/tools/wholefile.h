/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Large files that are to be used like a disk: without holes, mode 0600. They have their name once
 * they are whole and on the disk: a power cut leaves all of it or nothing.
 */
#ifndef WHERRY_GUEST_WHOLEFILE_H
#define WHERRY_GUEST_WHOLEFILE_H

#include <stdint.h>

#include "base/error.h"

/*
 * Reserve the room for size bytes, zeros, in an unnamed file beside `path`; *ret_fd is open for
 * reading and writing. WERR_NO_SPACE, WERR_LIMIT.
 */
int wholefile_begin(const char *path, uint64_t size, int *ret_fd, struct werr **err);
/* Give it its name; fd stays open. WERR_EXISTS when there is such a file, which stays. */
int wholefile_end(int fd, const char *path, struct werr **err);

#endif
