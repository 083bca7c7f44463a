/* SPDX-License-Identifier: Apache-2.0 */
/* Small texts in what providers have: Base64, XML, the YAML of NoCloud, SSH keys. */
#ifndef WHERRY_GUEST_PLAINTEXT_H
#define WHERRY_GUEST_PLAINTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

/* Base64 (RFC 4648 section 4) with white space anywhere, added to out. WERR_CORRUPT. */
int plaintext_base64(const char *text, size_t size, struct buf *out, struct werr **err);
/*
 * The text in the first element with this name, whatever its namespace, which has no elements
 * inside; owned by the caller; NULL: there is none, or the text is not XML. There is no use of
 * entities but the five that XML 1.0 has (section 4.6) and numbers.
 */
char *plaintext_xml(const char *text, size_t size, const char *element);
/*
 * Of a YAML whose top is a map: the scalar under a key, owned by the caller; NULL: none. The keys
 * of one map, on lines of their own, are all that is understood: no flow style, no anchors, no text
 * over several lines.
 */
char *plaintext_yaml(const char *text, const char *key);
/* The same for a list of scalars under a key, or a map of them, of which the values are taken. */
void plaintext_yaml_list(const char *text, const char *key, struct buf *lines);
/*
 * Add the lines of a text that are SSH keys or have options before one, each with a line feed:
 * those with a printable text that is no remark.
 */
void plaintext_keys(const char *text, struct buf *out);
/* Can this be the name of a host (RFC 1123 section 2.1), with or without its domain? */
bool plaintext_is_host(const char *text);

#endif
