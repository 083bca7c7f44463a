/* SPDX-License-Identifier: Apache-2.0 */
/* Which device root= on the kernel's command line means. */
#ifndef WHERRY_GUEST_ROOTDEV_H
#define WHERRY_GUEST_ROOTDEV_H

#include <stdbool.h>

/* /dev/NAME, LABEL=, UUID=, PARTLABEL=, PARTUUID= can be found; other forms can't. */
bool rootdev_can_find(const char *root);
/* The path of the device, owned by the caller; NULL while it isn't there. */
char *rootdev_find(const char *root);
/* The file system on the device, for mount(2); NULL when it isn't known. */
const char *rootdev_type(const char *device);
/* The disks that there are, and what is on them, for people: "vda (squashfs), vdb1 (ext4,
 * LABEL=data)". Owned. */
char *rootdev_list(void);

#endif
