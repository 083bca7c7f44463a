/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices whose drivers are modules that nothing loads until a program opens the device:
 * /dev/net/tun, /dev/fuse, /dev/loop-control. modules.devname, which depmod(8) makes, names them;
 * opening one lets the kernel ask for its driver.
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

/* A line "MODULE NAME cMAJOR:MINOR" (b for block devices); false when it isn't one. */
bool devnode_parse(const char *line, struct devnode *ret);
/* Make those of the file that aren't there, for root only. What fails is said on the console;
 * nothing when there is no such file. */
void devnode_make_all(const char *path);

#endif
