/* SPDX-License-Identifier: Apache-2.0 */
/* Files of an untrusted directory: what is opened is inside, wherever its links point. */
#ifndef WHERRY_PKG_BENEATH_H
#define WHERRY_PKG_BENEATH_H

#include "base/error.h"

/*
 * Open path, relative to the directory dir_fd, with openat(2)'s flags and O_CLOEXEC; path "" is the
 * directory itself. Links are followed as long as they stay in the directory. -EXDEV (WERR_INVALID)
 * when the path or a link leaves it. name is for errors.
 */
int beneath_open(
	int dir_fd, const char *path, int flags, const char *name, int *ret_fd, struct werr **err);
/*
 * The same for kernels without openat2(2). It does not follow links at all: -ELOOP (WERR_INVALID).
 */
int beneath_walk(
	int dir_fd, const char *path, int flags, const char *name, int *ret_fd, struct werr **err);

#endif
