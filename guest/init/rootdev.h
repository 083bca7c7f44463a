/* SPDX-License-Identifier: Apache-2.0 */
/* The device that root= on the kernel's command line means, or the program mountie. */
#ifndef WHERRY_GUEST_ROOTDEV_H
#define WHERRY_GUEST_ROOTDEV_H

#include <stdbool.h>
#include <stdint.h>

/* True for /dev/NAME, LABEL=, UUID=, PARTLABEL= and PARTUUID=; other forms are not supported. */
bool rootdev_can_find(const char *root);
/* The path of the device, owned by the caller; NULL while it does not exist. */
char *rootdev_find(const char *root);
/*
 * The first partition that nothing uses and that has a file system of one of the types, which are
 * joined by commas; owned by the caller; NULL while there is none.
 */
char *rootdev_find_unused(const char *types);
/*
 * What one of these functions finds, asked again whenever a device has appeared, for at most
 * `limit` ms (UINT64_MAX: forever). new_device as for uevent_wait(). Owned by the caller; NULL when
 * the time is over.
 */
char *rootdev_wait(char *(*find_one)(const char *what), const char *what, uint64_t limit,
	void (*new_device)(const char *alias));
/* The type of the file system on the device, for mount(2); NULL when it is not known. */
const char *rootdev_type(const char *device);
/*
 * The disks of the machine with what is on them, to be printed: "vda (squashfs), vdb1 (ext4,
 * LABEL=data)". Owned by the caller.
 */
char *rootdev_list(void);

#endif
