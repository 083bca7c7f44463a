/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates in PEM files (RFC 7468). */
#ifndef WHERRY_BOOT_PEM_H
#define WHERRY_BOOT_PEM_H

#include <openssl/x509.h>
#include <stddef.h>

#include "base/error.h"

enum { PEM_FILE_MAX = 256 << 10 };
/* What makes a key, and a certificate for it. */
#define PEM_MAKE                                                                            \
	"openssl req -new -x509 -newkey rsa:2048 -noenc -days 3650 -subj /CN=NAME -keyout " \
	"key.pem -out cert.pem"

/*
 * The private key of a file; *ret is owned by the caller. WERR_INVALID: it has none;
 * WERR_UNSUPPORTED: it is encrypted. A file that everybody can read is reported.
 */
int pem_read_key(const char *path, EVP_PKEY **ret, struct werr **err);
/*
 * The first certificates of a file, at most max, in their order: *ret_n of them, at least one, in
 * ret, owned by the caller. WERR_INVALID: it has none.
 */
int pem_read_certificates(
	const char *path, X509 **ret, size_t max, size_t *ret_n, struct werr **err);
/* libcrypto's reason for its last error, which it then forgets. */
const char *pem_reason(void);

#endif
