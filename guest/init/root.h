/* SPDX-License-Identifier: Apache-2.0 */
/* A root that is not the initramfs. */
#ifndef WHERRY_GUEST_ROOT_H
#define WHERRY_GUEST_ROOT_H

#include <stdbool.h>

/*
 * When the kernel's command line says root= and the initramfs holds no containers: wait for that
 * disk, mount it, make it /, free the initramfs, and run the disk's own /init in our place. Does
 * not return then. False: it can't be had, which the console was told. The options are the kernel's
 * (root, rootfstype, rootflags, rootdelay, rootwait, ro, rw;
 * Documentation/admin-guide/kernel-parameters).
 */
bool root_switch(const char *cmdline);
/* Is / a disk that is to stay writable? As with the kernel itself the last of "ro" and "rw" counts,
 * and without them it is "ro". */
bool root_is_writable(const char *cmdline);
/* Is / the memory that the kernel unpacked the initrd into? */
bool root_is_initramfs(void);

#endif
