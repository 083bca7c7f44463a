/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices whose drivers are modules that are loaded only when a program opens the device:
 * /dev/net/tun, /dev/fuse, /dev/loop-control. modules.devname, written by depmod(8), lists them;
 * opening such a node makes the kernel ask for the driver.
 */
#ifndef WHERRY_GUEST_DEVNODE_H
#define WHERRY_GUEST_DEVNODE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct devnode {
	char path[PATH_MAX]; /* "/dev/net/tun" */
	mode_t type;         /* S_IFCHR or S_IFBLK */
	dev_t number;
};

/* A line "MODULE NAME cMAJOR:MINOR" (b: a block device); false when it is not one. */
bool devnode_parse(const char *line, struct devnode *ret);
/*
 * Create the nodes of the file that do not exist yet, for root only. Failures are reported on the
 * console; a missing file is not one.
 */
void devnode_make_all(const char *path);

#endif
