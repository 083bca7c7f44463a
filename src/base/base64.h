/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 (RFC 4648, 4). */
#ifndef WHERRY_BASE_BASE64_H
#define WHERRY_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Encode the bytes, and add that to out. */
void base64_add(struct buf *out, const void *p, size_t size);
/*
 * Decode, and add the bytes to out. White space is skipped anywhere, and the padding may be
 * missing. False: it is not base64; then some may have been added.
 */
bool base64_read(const char *text, size_t size, struct buf *out);

#endif
