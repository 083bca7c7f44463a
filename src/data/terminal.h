/* SPDX-License-Identifier: Apache-2.0 */
/* What a terminal can show. */
#ifndef WHERRY_DATA_TERMINAL_H
#define WHERRY_DATA_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* The columns of the terminal, as it is now; 80 where it doesn't say. */
size_t terminal_width(int fd);
/* Its rows; 24 where it doesn't say. */
size_t terminal_height(int fd);
/* May colours and bars be used there? On a terminal that supports them, without NO_COLOR. */
bool terminal_is_rich(int fd);
/*
 * Append at most `width` columns of a text of one line, which loses its end or its beginning to
 * ".." when it is longer. Characters count as one column.
 */
enum terminal_cut { TERMINAL_CUT_END, TERMINAL_CUT_BEGINNING };
void terminal_add(struct buf *out, const char *text, size_t width, enum terminal_cut cut);
/* Is it the first byte of a character, not one that continues it? */
bool terminal_begins(char c);
/* How many columns the text takes. */
size_t terminal_columns(const char *text);

#endif
