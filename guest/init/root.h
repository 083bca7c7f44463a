/* SPDX-License-Identifier: Apache-2.0 */
/* Switching to a root that is not the initramfs. */
#ifndef WHERRY_GUEST_ROOT_H
#define WHERRY_GUEST_ROOT_H

#include <stdbool.h>

/*
 * When the kernel's command line has root= and the initramfs has no containers: wait for that disk,
 * mount it, make it /, free the initramfs, and execute the disk's own /init. Then it does not
 * return. True: there is nothing to do. False: it failed, and the console says why. The options are
 * the kernel's (root, rootfstype, rootflags, rootdelay, rootwait, ro, rw;
 * Documentation/admin-guide/kernel-parameters).
 */
bool root_switch(const char *cmdline);
/*
 * Is / a disk that is to stay writable? As for the kernel, the last of "ro" and "rw" counts, and
 * the default is "ro".
 */
bool root_is_writable(const char *cmdline);
/* Is / the memory that the kernel unpacked the initrd into? */
bool root_is_initramfs(void);

#endif
