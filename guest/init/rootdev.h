/* SPDX-License-Identifier: Apache-2.0 */
/* The device that root= on the kernel's command line means. */
#ifndef WHERRY_GUEST_ROOTDEV_H
#define WHERRY_GUEST_ROOTDEV_H

#include <stdbool.h>

/* True for /dev/NAME, LABEL=, UUID=, PARTLABEL= and PARTUUID=; other forms are not supported. */
bool rootdev_can_find(const char *root);
/* The path of the device, owned by the caller; NULL while it does not exist. */
char *rootdev_find(const char *root);
/* The type of the file system on the device, for mount(2); NULL when it is not known. */
const char *rootdev_type(const char *device);
/*
 * The disks of the machine with what is on them, to be printed: "vda (squashfs), vdb1 (ext4,
 * LABEL=data)". Owned by the caller.
 */
char *rootdev_list(void);

#endif
