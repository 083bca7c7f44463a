/* SPDX-License-Identifier: Apache-2.0 */
/* Linux kernels as programs for UEFI. */
#ifndef WHERRY_BOOT_EFI_KERNEL_H
#define WHERRY_BOOT_EFI_KERNEL_H

#include <stdint.h>

#include "disk/extents.h"

/*
 * Whether UEFI can start it on machines of this kind (IMAGE_FILE_MACHINE_...); WERR_UNSUPPORTED
 * with the way out when not.
 */
int efi_kernel_check(const struct extents *kernel, uint16_t machine, struct werr **err);
/*
 * Its version as uname -r shows it: from the header that x86 has (Linux,
 * Documentation/arch/x86/boot.rst, "kernel_version"), else from the first "Linux version " in it.
 * *ret is owned by the caller, and NULL when the kernel is compressed as a whole.
 */
int efi_kernel_version(const struct extents *kernel, char **ret, struct werr **err);

#endif
