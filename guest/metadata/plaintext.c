/* SPDX-License-Identifier: Apache-2.0 */
#include "metadata/plaintext.h"

#include <stdint.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/str.h"

enum { HOST_MAX = 253, LABEL_MAX = 63 };

int plaintext_base64(const char *text, size_t size, struct buf *out, struct werr **err)
{
	if (!base64_read(text, size, out))
		return werr_set(err, WERR_CORRUPT, "this is not Base64");
	return buf_error(out) == 0 ? 0 : werr_set(err, WERR_LIMIT, "a Base64 text is too long");
}

void plaintext_keys(const char *text, struct buf *out)
{
	while (*text) {
		size_t size = strcspn(text, "\n"), n = size;
		bool shown = true;

		while (n && strchr(" \t\r", text[n - 1]))
			n--;
		for (size_t i = 0; i < n; i++)
			if (((unsigned char)text[i] < ' ' && text[i] != '\t') || text[i] == 0x7f)
				shown = false;
		if (n && shown && *text != '#') {
			buf_add(out, text, n);
			buf_putc(out, '\n');
		}
		text += size + (text[size] == '\n');
	}
}

static bool is_label(const char *p, size_t size)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

	return size && size <= LABEL_MAX && strspn(p, allowed) >= size && p[0] != '-' &&
	       p[size - 1] != '-';
}

bool plaintext_is_host(const char *text)
{
	size_t size = strlen(text);

	if (!size || size > HOST_MAX)
		return false;
	for (;;) {
		size = strcspn(text, ".");
		if (!is_label(text, size))
			return false;
		if (!text[size])
			return true;
		text += size + 1;
	}
}
