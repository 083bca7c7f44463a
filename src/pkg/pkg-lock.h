/* SPDX-License-Identifier: Apache-2.0 */
/* Files that one at a time may hold, process or thread. */
#ifndef WHERRY_PKG_PKG_LOCK_H
#define WHERRY_PKG_PKG_LOCK_H

#include "base/error.h"

/*
 * Wait for the lock on the file, which is made when it does not exist; Ctrl-C interrupts it. The
 * caller closes *ret_fd to give the lock back.
 */
int pkg_lock(const char *path, int *ret_fd, struct werr **err);

#endif
