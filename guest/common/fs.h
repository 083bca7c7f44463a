/* SPDX-License-Identifier: Apache-2.0 */
/* What a directory holds and what it is on; the kernel's small files. */
#ifndef WHERRY_GUEST_FS_H
#define WHERRY_GUEST_FS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* Add the names in a directory to the list, except those that begin with a dot, and sort it. 0 or
 * -errno. */
int fs_names(const char *dir, struct strv *ret);
/* Is the directory on a file system that can be written to and outlives the machine? */
bool fs_is_persistent(const char *dir);
/* The number on the first line of a file of /proc or /sys; 0 when there is none. */
uint64_t fs_number(const char *path);

#endif
