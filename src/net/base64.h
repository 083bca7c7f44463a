/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 (RFC 4648, 4), by OpenSSL. */
#ifndef WHERRY_NET_BASE64_H
#define WHERRY_NET_BASE64_H

#include <stddef.h>

enum { BASE64_MAX = 1 << 20 };

/* Owned by the caller; NULL beyond BASE64_MAX bytes. */
char *base64_encode(const char *p, size_t size);
/*
 * Spaces, line ends and missing padding are accepted. The result is NUL-terminated; NULL when it is
 * not base64, or longer than BASE64_MAX.
 */
char *base64_decode(const char *text, size_t *ret_size);

#endif
