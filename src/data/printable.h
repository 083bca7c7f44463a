/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes untrusted bytes, such as a container's output or an image's label, safe for a terminal or a
 * console.
 */
#ifndef WHERRY_DATA_PRINTABLE_H
#define WHERRY_DATA_PRINTABLE_H

#include "base/buf.h"

/*
 * Add size bytes of text to out. What a terminal would act on (utf8_steers(): carriage returns and
 * escape sequences among them) and bytes that are not UTF-8, which some terminals read as C1, are
 * written byte by byte as "\x1b". The characters in keep, "" for none, stay as they are.
 */
void printable_add(struct buf *out, const char *text, size_t size, const char *keep);

#endif
