/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 (FIPS 180-4), and SHA-512 for foreign files that use it, computed by OpenSSL; readers and
 * writers that hash the bytes passing through them.
 */
#ifndef WHERRY_HASH_SHA256_H
#define WHERRY_HASH_SHA256_H

#include <stdint.h>

#include "base/io.h"

enum { SHA256_SIZE = 32, SHA256_HEX = 64, SHA512_SIZE = 64, SHA512_HEX = 128 };

struct sha256; /* a running hash */

struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *h, const void *p, size_t size);
/* Add n zeros. Can be interrupted. */
int sha256_add_zeros(struct sha256 *h, uint64_t n, struct werr **err);
/* Finish the hash: 64 lower-case hex digits and a NUL. To be called only once. */
void sha256_hex(struct sha256 *h, char ret[static SHA256_HEX + 1]);
/* The same as bytes. */
void sha256_raw(struct sha256 *h, unsigned char ret[static SHA256_SIZE]);
void sha256_free(struct sha256 *h);
DEFINE_CLEANUP(struct sha256 *, sha256_free, sha256)

/* Hash a buffer in one call. */
void sha512_of(const void *p, size_t size, char ret[static SHA512_HEX + 1]);
void sha256_of(const void *p, size_t size, char ret[static SHA256_HEX + 1]);
/* HMAC-SHA256 (RFC 2104), in hex like a hash. */
void sha256_hmac(const void *key, size_t key_size, const void *p, size_t size,
	char ret[static SHA256_HEX + 1]);
void sha256_hmac_raw(const void *key, size_t key_size, const void *p, size_t size,
	unsigned char ret[static SHA256_SIZE]);

/*
 * Pass on bytes from `from` (taken over). Reading fails with WERR_CORRUPT beyond size bytes, and at
 * the end, each time it is read, unless there were size bytes with this hash. hex: the 64 digits of
 * a SHA-256, or the 128 of a SHA-512. The caller must read to the end (reader_drain), or nothing is
 * checked.
 */
struct reader *sha256_check_reader_new(
	struct reader *from, const char *name, const char *hex, uint64_t size);
/* Pass on bytes to `to` (not owned, may be NULL), and add them to h (not owned). */
struct writer *sha256_writer_new(struct writer *to, struct sha256 *h);
/*
 * The same, with `to`, for much that is written: the hash is computed meanwhile by another thread,
 * and is complete, and may be looked at, once the writer was finished. When more than
 * SHA256_HOLES_MAX bytes are skipped, which is done at once but would be hashed like all others,
 * there is no hash: *ret_too_sparse becomes true.
 */
#define SHA256_HOLES_MAX ((uint64_t)16 << 30)
struct writer *sha256_behind_writer_new(struct writer *to, struct sha256 *h, bool *ret_too_sparse);

#endif
