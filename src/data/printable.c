/* SPDX-License-Identifier: Apache-2.0 */
#include "data/printable.h"

#include <string.h>

#include "base/utf8.h"

void printable_add(struct buf *out, const char *text, size_t size, const char *keep)
{
	while (size > 0) {
		uint32_t point = 0;
		size_t n = utf8_decode(text, size, &point);
		bool kept = n == 1 && *text && strchr(keep, *text);
		bool hide = n == 0 || (utf8_steers(point) && !kept);

		n = n ? n : 1;
		if (!hide)
			buf_add(out, text, n);
		for (size_t i = 0; hide && i < n; i++)
			buf_printf(out, "\\x%02x", (unsigned)(unsigned char)text[i]);
		text += n;
		size -= n;
	}
}
