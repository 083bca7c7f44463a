/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A string builder with a mandatory maximum. The first append that would pass it makes the builder
 * fail: that append and all later ones do nothing, and buf_error() reports it, so that callers
 * check once, at the end.
 */
#ifndef WHERRY_BASE_BUF_H
#define WHERRY_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf {
	char *data; /* NUL-terminated once something was added */
	size_t len, cap, max;
	bool failed;
};
#define BUF_INIT(max_) ((struct buf){.max = (max_)})

void buf_add(struct buf *b, const void *p, size_t size);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_fill(struct buf *b, char c, size_t n);
void buf_printf(struct buf *b, const char *fmt, ...) ATTR_PRINTF(2, 3);
void buf_printfv(struct buf *b, const char *fmt, va_list ap) ATTR_PRINTF(2, 0);
void buf_truncate(struct buf *b, size_t len); /* len <= b->len */
/* Room for size bytes at the end; the caller writes them and adds to len. NULL: over max. */
void *buf_reserve(struct buf *b, size_t size);

/* 0, or -E2BIG when an append passed the maximum. */
int buf_error(const struct buf *b);
/* The text so far; "" when empty. Valid until the next append. */
const char *buf_str(const struct buf *b);
/* Hand the text over to the caller (never NULL), and leave the builder empty. */
char *buf_steal(struct buf *b);
void buf_clear(struct buf *b);
static inline void buf_cleanup(struct buf *b)
{
	buf_clear(b);
}

#endif
