/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WHERRY_SERVE_FILE_H
#define WHERRY_SERVE_FILE_H

#include <stdint.h>

#include "base/error.h"

/* Open the directory; where the kernel has Landlock, this thread can open nothing else afterwards.
 */
int serve_enter(const char *directory, int *ret_fd, struct werr **err);
/*
 * Open a regular file beneath the directory, or the index.html of a directory. Returns HTTP's
 * number: 200, or 403, 404, 500.
 */
unsigned serve_open(int dir_fd, const char *path, int *ret_fd, uint64_t *ret_size);
/* What a file of this name is: "text/html". */
const char *serve_type(const char *path);

#endif
