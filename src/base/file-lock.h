/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for flock(2). */
#ifndef WHERRY_BASE_FILE_LOCK_H
#define WHERRY_BASE_FILE_LOCK_H

#include <stdint.h>

#include "base/error.h"

#define FILE_LOCK_FOREVER UINT64_MAX

/*
 * Lock an open file: operation is LOCK_SH or LOCK_EX, name is what errors call it. Closing it gives
 * the lock back. -ECANCELED, with the error: Ctrl-C came; -ETIMEDOUT, without an error: others
 * held it for limit_ms.
 */
int file_lock(int fd, int operation, uint64_t limit_ms, const char *name, struct werr **err);

#endif
