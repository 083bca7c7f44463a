/* SPDX-License-Identifier: Apache-2.0 */
/* Which firmware the image of a disk is for, from its first sectors. */
#ifndef WHERRY_VM_BOOT_DISK_H
#define WHERRY_VM_BOOT_DISK_H

#include <stdbool.h>

/*
 * Whether UEFI can boot a disk, and a BIOS can't: it has a GPT with an EFI system partition, and
 * its first sector has no boot code. The image is raw, or a qcow2 whose first sectors are not
 * compressed; of anything else nothing is said (false). What is in the file is not trusted.
 */
bool boot_disk_needs_uefi(int fd);

#endif
