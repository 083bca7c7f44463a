/* SPDX-License-Identifier: Apache-2.0 */
/* What can start the image of a CD, and whether anything can, from its catalogue. */
#ifndef WHERRY_VM_BOOT_CD_H
#define WHERRY_VM_BOOT_CD_H

#include <stdbool.h>

#include "vm/boot-disk.h"

/*
 * UEFI can boot a CD, and a BIOS can't, when its catalogue (disk/iso-boot.h) has an entry that
 * boots for UEFI, and none for a PC's BIOS. What is in the file is not trusted.
 */
void boot_cd_look(int fd, struct boot_disk *ret);
/* Whether it begins like an ISO 9660. */
bool boot_cd_is(int fd);
/*
 * WERR_INVALID, with a hint, when no firmware can boot it: it is no ISO 9660, has nothing that
 * boots, or is shorter than it says. path is for the error.
 */
int boot_cd_check(int fd, const char *path, struct werr **err);

#endif
