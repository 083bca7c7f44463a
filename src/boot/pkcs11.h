/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in tokens (PKCS#11), which the program openssl signs with. */
#ifndef WHERRY_BOOT_PKCS11_H
#define WHERRY_BOOT_PKCS11_H

#include "hash/sha256.h"

/*
 * RSASSA-PKCS1-v1_5 of a SHA-256 with the key of a URI "pkcs11:...". The signature has *ret_size
 * bytes, of which at most max are in ret. WERR_NOT_FOUND, with the package to install, when openssl
 * or its engine for PKCS#11 is missing.
 */
int pkcs11_sign(const char *uri, const unsigned char hash[static SHA256_SIZE], unsigned char *ret,
	size_t max, size_t *ret_size, struct werr **err);

#endif
