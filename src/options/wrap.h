/* SPDX-License-Identifier: Apache-2.0 */
/* Help texts, wrapped for a terminal. */
#ifndef WHERRY_OPTIONS_WRAP_H
#define WHERRY_OPTIONS_WRAP_H

#include "base/buf.h"

enum { WRAP_WIDTH = 80 };

/*
 * Append text, wrapped at WRAP_WIDTH, with each line starting at the given column; the first line
 * continues the one that `out` ends with. An empty line separates paragraphs; a line that begins
 * with a space stays as it is.
 */
void wrap_add(struct buf *out, const char *text, size_t column);

#endif
