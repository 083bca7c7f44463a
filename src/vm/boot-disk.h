/* SPDX-License-Identifier: Apache-2.0 */
/* Which firmware the image of a disk is for, and whether any is, from its first sectors. */
#ifndef WHERRY_VM_BOOT_DISK_H
#define WHERRY_VM_BOOT_DISK_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Whether UEFI can boot a disk, and a BIOS can't: it has a GPT with an EFI system partition, and
 * its first sector has no boot code. The image is raw, or a qcow2 whose first sectors are not
 * compressed; of anything else nothing is said (false). What is in the file is not trusted.
 */
bool boot_disk_needs_uefi(int fd);
/*
 * WERR_INVALID, with a hint, when no firmware can boot it: the first sector has no mark of a boot
 * sector and the second is no GPT, or a partition ends behind the end of the disk. Nothing is said
 * of a sector that is compressed. path is for the error.
 */
int boot_disk_check(int fd, const char *path, struct werr **err);

#endif
