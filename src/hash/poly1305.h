/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Poly1305 (RFC 8439, 2.5), computed by OpenSSL: a code for bytes that only who knows the key can
 * make, several times as quick as SHA-256. A key is for one message.
 */
#ifndef WHERRY_HASH_POLY1305_H
#define WHERRY_HASH_POLY1305_H

#include <stdint.h>

#include "base/io.h"

enum { POLY1305_KEY = 32, POLY1305_HEX = 32 };

struct poly1305; /* a running code */

/* NULL: this OpenSSL has, or was configured to have, no Poly1305. */
struct poly1305 *poly1305_new(const unsigned char key[static POLY1305_KEY]);
void poly1305_add(struct poly1305 *c, const void *p, size_t size);
/* Finish: 32 lower-case hex digits and a NUL. To be called only once. */
void poly1305_hex(struct poly1305 *c, char ret[static POLY1305_HEX + 1]);
void poly1305_free(struct poly1305 *c); /* NULL is fine */
DEFINE_CLEANUP(struct poly1305 *, poly1305_free, poly1305)

#endif
