/* SPDX-License-Identifier: Apache-2.0 */
/* What can start the image of a disk, and whether anything can, from its first sectors. */
#ifndef WHERRY_VM_BOOT_DISK_H
#define WHERRY_VM_BOOT_DISK_H

#include <stdbool.h>

#include "base/error.h"
#include "disk/disk-image.h"

struct boot_disk {
	/*
	 * UEFI can boot it, and a BIOS can't: it has a GPT with an EFI system partition, and its
	 * first sector has no boot code.
	 */
	bool needs_uefi;
	const char *arch; /* OCI's name of the one that it is for; NULL: it does not say */
};
/* Of a disk that is broken or in an unknown format nothing is said. */
void boot_disk_look(const struct disk_image *i, struct boot_disk *ret);
/*
 * WERR_INVALID, with a hint, when no firmware can boot it: the first sector has no mark of a boot
 * sector and the second is no GPT, or a partition ends behind the end of the disk. path is for the
 * error.
 */
int boot_disk_check(const struct disk_image *i, const char *path, struct werr **err);

#endif
