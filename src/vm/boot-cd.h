/* SPDX-License-Identifier: Apache-2.0 */
/* Which firmware the image of a CD is for, and whether any is, from its catalogue. */
#ifndef WHERRY_VM_BOOT_CD_H
#define WHERRY_VM_BOOT_CD_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Whether UEFI can boot a CD, and a BIOS can't: its catalogue (disk/iso-boot.h) has an entry that
 * boots for UEFI, and none for a PC's BIOS. What is in the file is not trusted.
 */
bool boot_cd_needs_uefi(int fd);
/* Whether it begins like an ISO 9660. */
bool boot_cd_is(int fd);
/*
 * WERR_INVALID, with a hint, when no firmware can boot it: it is no ISO 9660, has nothing that
 * boots, or is shorter than it says. path is for the error.
 */
int boot_cd_check(int fd, const char *path, struct werr **err);

#endif
