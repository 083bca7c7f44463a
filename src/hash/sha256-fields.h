/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of values as input to a hash. Each value is preceded by its size, so that different lists
 * never give the same bytes.
 */
#ifndef WHERRY_HASH_SHA256_FIELDS_H
#define WHERRY_HASH_SHA256_FIELDS_H

#include "hash/sha256.h"

void sha256_add_field(struct sha256 *h, const void *p, uint64_t size);
void sha256_add_number(struct sha256 *h, uint64_t n);
/* NULL is different from the empty text. */
void sha256_add_text(struct sha256 *h, const char *text);

#endif
