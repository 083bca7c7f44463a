/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 (FIPS 180-4), and SHA-512 where others chose it, by OpenSSL, and readers and writers that
 * compute it as bytes pass.
 */
#ifndef WHERRY_HASH_SHA256_H
#define WHERRY_HASH_SHA256_H

#include <stdint.h>

#include "base/io.h"

enum { SHA256_SIZE = 32, SHA256_HEX = 64, SHA512_SIZE = 64, SHA512_HEX = 128 };

struct sha256; /* a running hash */

struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *h, const void *p, size_t size);
/* n zeros. Can be interrupted. */
int sha256_add_zeros(struct sha256 *h, uint64_t n, struct werr **err);
/* The hash of what was added, as 64 lower-case hex digits and a NUL. Called once. */
void sha256_hex(struct sha256 *h, char ret[static SHA256_HEX + 1]);
void sha256_free(struct sha256 *h);
DEFINE_CLEANUP(struct sha256 *, sha256_free, sha256)

/* In one call. */
void sha512_of(const void *p, size_t size, char ret[static SHA512_HEX + 1]);
void sha256_of(const void *p, size_t size, char ret[static SHA256_HEX + 1]);
/* HMAC-SHA256 (RFC 2104), in hex like a hash. */
void sha256_hmac(const void *key, size_t key_size, const void *p, size_t size,
	char ret[static SHA256_HEX + 1]);

/*
 * Passes bytes on from `from` (owned) and, at the end, fails with WERR_CORRUPT unless they were
 * size bytes with this hash, however often it is asked: hex has the 64 digits of a SHA-256 or the
 * 128 of a SHA-512. The one who reads must read to the end, or nothing was checked (reader_drain).
 */
struct reader *sha256_check_reader_new(
	struct reader *from, const char *name, const char *hex, uint64_t size);
/* Adds what passes to h (not owned); to (not owned) may be NULL. */
struct writer *sha256_writer_new(struct writer *to, struct sha256 *h);

#endif
