/* SPDX-License-Identifier: Apache-2.0 */
/* UEFI firmware for QEMU, where distributions put it. */
#ifndef WHERRY_VM_FIRMWARE_H
#define WHERRY_VM_FIRMWARE_H

#include <stdbool.h>

#include "base/error.h"

/*
 * The code of the firmware, and the file that its variables begin as (NULL: it keeps none). given:
 * a file of the user's, or NULL. secure: it is to have Secure Boot. Both are owned by the caller.
 * WERR_NOT_FOUND with the package to install.
 */
int vm_firmware_find(const char *arch, const char *given, bool secure, char **ret_code,
	char **ret_variables, struct werr **err);

#endif
