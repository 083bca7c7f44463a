/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file in which a firmware of EDK II keeps its variables (EDK II, MdeModulePkg,
 * Include/Guid/VariableFormat.h; UEFI Platform Initialization specification, volume 3, 3.2.1).
 */
#ifndef WHERRY_BOOT_EFI_VARIABLES_H
#define WHERRY_BOOT_EFI_VARIABLES_H

#include <stddef.h>

#include "base/error.h"

/*
 * Turn Secure Boot on in such a file, which has no variables so far: a certificate, DER, becomes
 * its PK, its KEK and its db (UEFI specification, 32.3 and 32.4). A file of zeros is taken for a
 * flash that AAVMF has not used yet. WERR_INVALID: it is no such file, or has variables;
 * WERR_LIMIT: there is no room.
 */
int efi_variables_enroll(
	void *store, size_t size, const void *der, size_t der_size, struct werr **err);

#endif
