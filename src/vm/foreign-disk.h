/* SPDX-License-Identifier: Apache-2.0 */
/* The disk that is booted, in a file of VMware's or Microsoft's formats, or in an OVA. */
#ifndef WHERRY_VM_FOREIGN_DISK_H
#define WHERRY_VM_FOREIGN_DISK_H

#include "vm/qemu.h"

/*
 * The disk at a path: with its format and place when its name ends in .vmdk, .vhd, .vhdx or .ova
 * and its bytes are such a disk, which names no other file. Else only the path is set.
 */
int foreign_disk_find(const char *path, struct qemu_disk *ret, struct werr **err);
/* Whether an open file is one, by its name; false leaves *d undefined, but owned. */
bool foreign_disk_look(int fd, uint64_t size, const char *name, struct qemu_disk *d);

#endif
