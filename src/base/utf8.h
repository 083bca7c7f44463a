/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 (RFC 3629). */
#ifndef WHERRY_BASE_UTF8_H
#define WHERRY_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * The number of bytes of the character that s (size > 0 bytes) begins with; 0: not UTF-8, which
 * surrogates and overlong forms are not either.
 */
size_t utf8_size(const char *s, size_t size);
/* Whether all size bytes are UTF-8; true for none. */
bool utf8_is_valid(const char *s, size_t size);
/* As utf8_size(); *ret is the character's code point, unchanged when it is not UTF-8. */
size_t utf8_decode(const char *s, size_t size, uint32_t *ret);
/*
 * The UTF-16 of size bytes. Returns the number of units, at most max of which are written to ret;
 * -1: not UTF-8.
 */
int utf8_to_utf16(const char *s, size_t size, uint16_t *ret, size_t max);
/* Add the bytes of a code point (at most U+10FFFF, and no surrogate). */
void utf8_put(struct buf *out, uint32_t point);
/*
 * Whether a terminal acts on this code point instead of showing it: the control characters C0, DEL
 * and C1, what changes the direction of text or separates lines (Unicode Standard Annex 9,
 * Technical Report 36), and what has no width.
 */
bool utf8_steers(uint32_t point);

#endif
