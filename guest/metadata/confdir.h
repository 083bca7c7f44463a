/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing below a directory under names that others have chosen: nothing leads out of it, and no
 * link in it is followed. A file that was there is replaced as a whole. A name is one of at most
 * 255 bytes, without slashes and control characters, and neither "." nor ".."; any other one is
 * WERR_INVALID.
 */
#ifndef WHERRY_GUEST_CONFDIR_H
#define WHERRY_GUEST_CONFDIR_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* Open a directory, which is made with those above it if it is missing. */
int confdir_open(const char *path, int *ret_fd, struct werr **err);
/* Open a directory in one; it is made, with mode 0755, if it is missing. */
int confdir_enter(int dir_fd, const char *name, int *ret_fd, struct werr **err);
/* Of the mode only the bits of 0777 are taken. */
int confdir_write(int dir_fd, const char *name, const void *data, size_t size, mode_t mode,
	struct werr **err);
/* Read a file of it, at most max bytes. *ret is owned by the caller. WERR_NOT_FOUND. */
int confdir_read(
	int dir_fd, const char *name, size_t max, char **ret, size_t *ret_size, struct werr **err);

#endif
