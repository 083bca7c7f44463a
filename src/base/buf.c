/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

void *buf_reserve(struct buf *b, size_t size)
{
	size_t need;

	if (b->failed || !size_add(b->len, size, &need) || need > b->max || need == SIZE_MAX) {
		b->failed = true;
		return NULL;
	}
	if (need + 1 > b->cap) {
		size_t cap = b->cap < 64 ? 64 : b->cap;

		while (cap < need + 1)
			cap += cap / 2;
		b->data = mem_resize(b->data, cap, 1);
		b->cap = cap;
	}
	b->data[b->len] = 0;
	return b->data + b->len;
}

void buf_add(struct buf *b, const void *p, size_t size)
{
	char *dst = buf_reserve(b, size);

	if (!dst)
		return;
	if (size)
		memcpy(dst, p, size);
	b->len += size;
	b->data[b->len] = 0;
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_fill(struct buf *b, char c, size_t n)
{
	char *dst = buf_reserve(b, n);

	if (!dst)
		return;
	memset(dst, c, n);
	b->len += n;
	b->data[b->len] = 0;
}

void buf_printfv(struct buf *b, const char *fmt, va_list ap)
{
	size_t room = b->failed ? 0 : b->cap - b->len;
	va_list again;
	int n;

	/* Mostly it fits into the space that is left. */
	va_copy(again, ap);
	n = vsnprintf(room ? b->data + b->len : NULL, room, fmt, again);
	va_end(again);
	if (n < 0)
		abort();
	if (room > (size_t)n && b->len + (size_t)n <= b->max) {
		b->len += (size_t)n;
		return;
	}
	if (room)
		b->data[b->len] = 0;
	if (buf_reserve(b, (size_t)n)) {
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
		b->len += (size_t)n;
	}
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_printfv(b, fmt, ap);
	va_end(ap);
}

void buf_truncate(struct buf *b, size_t len)
{
	if (len < b->len) {
		b->len = len;
		b->data[len] = 0;
	}
}

int buf_error(const struct buf *b)
{
	return b->failed ? -E2BIG : 0;
}

const char *buf_str(const struct buf *b)
{
	return b->data ? b->data : "";
}

char *buf_steal(struct buf *b)
{
	char *s = b->data ? b->data : str_dup("");

	*b = BUF_INIT(b->max);
	return s;
}

void buf_clear(struct buf *b)
{
	free(b->data);
	*b = BUF_INIT(b->max);
}
