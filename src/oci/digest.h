/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A digest: image-spec, descriptor.md, "Digests". Wherry writes SHA-256 and accepts SHA-512 as
 * well.
 */
#ifndef WHERRY_OCI_DIGEST_H
#define WHERRY_OCI_DIGEST_H

#include "hash/sha256.h"

enum digest_kind { DIGEST_SHA256, DIGEST_SHA512, DIGEST_KINDS };

/* "sha256:" and 64 lower-case hex digits, or "sha512:" and 128 digits. */
struct digest {
	char text[7 + SHA512_HEX + 1];
};

int digest_parse(const char *text, struct digest *ret, struct werr **err);
/* Parse "sha256/HEX", a blob's path below the directory `blobs` of a layout. */
int digest_parse_path(const char *path, struct digest *ret);
/* Return "blobs/sha256/HEX", a blob's path in a layout; owned by the caller. */
char *digest_blob_path(const struct digest *d);
/* Compute a SHA-256. */
void digest_of(const void *p, size_t size, struct digest *ret);
/* Compute a digest of the given kind. */
void digest_of_kind(enum digest_kind kind, const void *p, size_t size, struct digest *ret);
void digest_from_hex(const char *hex, struct digest *ret); /* hex has 64 digits */
enum digest_kind digest_kind(const struct digest *d);
const char *digest_kind_name(enum digest_kind kind); /* "sha256" */
const char *digest_hex(const struct digest *d);
bool digest_eq(const struct digest *a, const struct digest *b);

#endif
