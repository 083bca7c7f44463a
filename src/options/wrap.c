/* SPDX-License-Identifier: Apache-2.0 */
#include "options/wrap.h"

#include <string.h>

static size_t current_column(const struct buf *out)
{
	const char *text = buf_str(out), *newline = strrchr(text, '\n');

	return strlen(newline ? newline + 1 : text);
}

static void fill_to(struct buf *out, size_t column)
{
	size_t now = current_column(out);

	if (now < column)
		buf_fill(out, ' ', column - now);
}

/* One paragraph, up to `size` bytes of text. */
static void wrap_words(struct buf *out, const char *text, size_t size, size_t column)
{
	const char *end = text + size;
	bool first = true;

	while (text < end) {
		size_t n = strcspn(text, " \n");

		if (n > (size_t)(end - text))
			n = (size_t)(end - text);
		if (n && !first && current_column(out) + 1 + n > WRAP_WIDTH) {
			buf_putc(out, '\n');
			first = true;
		}
		if (n) {
			if (first)
				fill_to(out, column);
			else
				buf_putc(out, ' ');
			buf_add(out, text, n);
			first = false;
		}
		text += n + 1;
	}
	buf_putc(out, '\n');
}

void wrap_add(struct buf *out, const char *text, size_t column)
{
	while (*text) {
		const char *end = strchr(text, '\n');
		size_t n = end ? (size_t)(end - text) : strlen(text);

		if (*text == ' ' || n == 0) {
			buf_add(out, text, n);
			buf_putc(out, '\n');
		} else {
			const char *gap = strstr(text, "\n\n"), *example = strstr(text, "\n ");

			n = strlen(text);
			if (gap)
				n = (size_t)(gap - text);
			if (example && example - text < (ptrdiff_t)n)
				n = (size_t)(example - text);
			wrap_words(out, text, n, column);
		}
		text += n;
		if (*text)
			text++;
	}
}
