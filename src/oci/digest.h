/* SPDX-License-Identifier: Apache-2.0 */
/* A digest: image-spec, descriptor.md, "Digests". Only sha256 is taken. */
#ifndef WHERRY_OCI_DIGEST_H
#define WHERRY_OCI_DIGEST_H

#include "base/sha256.h"

/* "sha256:" and 64 lower-case hex digits. */
struct digest {
	char text[7 + SHA256_HEX + 1];
};

int digest_parse(const char *text, struct digest *ret, struct werr **err);
void digest_of(const void *p, size_t size, struct digest *ret);
void digest_from_hex(const char *hex, struct digest *ret); /* hex has 64 digits */
const char *digest_hex(const struct digest *d);
bool digest_eq(const struct digest *a, const struct digest *b);

#endif
