/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures of programs for UEFI (Microsoft, "Windows Authenticode Portable Executable Signature
 * Format"; UEFI specification, 32.2.2). There is no time in them, so that they are the same each
 * time.
 */
#ifndef WHERRY_BOOT_AUTHENTICODE_H
#define WHERRY_BOOT_AUTHENTICODE_H

#include "boot/pe.h"
#include "boot/signer.h"
#include "disk/extents.h"

/*
 * Put a signature behind a program, and its place into the headers, which are `head`, part of the
 * program. pe: what they say. The program is read once; its sections must be end to end.
 */
int authenticode_sign(struct extents *program, unsigned char *head, const struct pe *pe,
	struct signer *signer, struct werr **err);

#endif
