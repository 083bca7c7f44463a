/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 (RFC 3629). */
#ifndef WHERRY_DATA_UTF8_H
#define WHERRY_DATA_UTF8_H

#include <stddef.h>

/* Bytes of the character that s (size > 0 bytes) begins with; 0: not UTF-8 (also surrogates and overlong forms). */
size_t utf8_size(const char *s, size_t size);

#endif
