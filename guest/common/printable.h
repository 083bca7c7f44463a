/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of others, such as a container's output, for a terminal or a console. */
#ifndef WHERRY_GUEST_PRINTABLE_H
#define WHERRY_GUEST_PRINTABLE_H

#include "base/buf.h"

/*
 * Add the text to out. What a terminal would act on (utf8_steers(), carriage returns and escape sequences among them) and bytes that are
 * not UTF-8 are written as "\x1b"; of these only the characters in keep, "" for none, stay as they are.
 */
void printable_add(struct buf *out, const char *text, size_t size, const char *keep);

#endif
