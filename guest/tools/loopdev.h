/* SPDX-License-Identifier: Apache-2.0 */
/* Loop devices (loop(4)): a part of a file or of a device as a block device of its own. */
#ifndef WHERRY_GUEST_LOOPDEV_H
#define WHERRY_GUEST_LOOPDEV_H

#include <stdint.h>

#include "base/error.h"

struct loopdev_part {
	uint64_t at;     /* bytes from the beginning */
	uint64_t size;   /* bytes; 0: all that follows */
	uint32_t sector; /* bytes of the device's sectors; 0: 512 */
};
/*
 * A free loop device for a part of the open file, which path names in errors. *ret_name, owned by
 * the caller, is its "/dev/loop0"; *ret_fd is the device, open for reading and writing: the kernel
 * frees it when the last one has closed it.
 */
int loopdev_attach(int fd, const char *path, const struct loopdev_part *part, char **ret_name,
	int *ret_fd, struct werr **err);
/*
 * Attach a whole file to the device "/dev/loopN", which is made when it does not exist; it stays
 * attached. Nothing is done when it is already. WERR_EXISTS: another file is; WERR_USAGE: it is
 * not such a device.
 */
int loopdev_attach_to(const char *device, int fd, const char *path, struct werr **err);

#endif
