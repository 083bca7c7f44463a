/* SPDX-License-Identifier: Apache-2.0 */
/* The root file system on a disk, when the initramfs is only there to find it. */
#ifndef WHERRY_GUEST_ROOT_H
#define WHERRY_GUEST_ROOT_H

/*
 * With root= on the kernel's command line, and no containers in the initramfs: mount that disk (read-only; rootfstype=, rootflags=,
 * rootwait, rootdelay= count) and go on with its /init, which does not return. Returns when there is nothing to do, or it can't be done.
 */
void root_switch(const char *cmdline);

#endif
