/* SPDX-License-Identifier: Apache-2.0 */
/* Programs for UEFI, such as unified kernel images, on a disk that firmware starts them from. */
#ifndef WHERRY_VM_EFI_DISK_H
#define WHERRY_VM_EFI_DISK_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Whether a file is one, and not a disk with a boot loader. *ret_arch (may be NULL): OCI's name of
 * the architecture that it is for.
 */
bool vm_disk_is_program(const char *path, const char **ret_arch);
/* WERR_INVALID, with a hint: such a file is shorter than its sections. */
int vm_disk_check_program(const char *path, struct werr **err);
/* Write a disk with a FAT that has nothing else. The file is replaced. */
int vm_disk_of_program(const char *path, const char *to, struct werr **err);

#endif
