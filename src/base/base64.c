/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include <stdint.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_add(struct buf *out, const void *p, size_t size)
{
	const unsigned char *bytes = p;

	for (size_t i = 0; i < size; i += 3) {
		size_t n = size - i < 3 ? size - i : 3;
		uint32_t bits = (uint32_t)bytes[i] << 16;
		char four[4];

		bits |= n > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
		bits |= n > 2 ? bytes[i + 2] : 0;
		for (unsigned k = 0; k < sizeof(four); k++)
			four[k] = k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=';
		buf_add(out, four, sizeof(four));
	}
}

static int value_of(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

bool base64_read(const char *text, size_t size, struct buf *out)
{
	uint32_t bits = 0;
	unsigned n = 0, padding = 0;

	for (size_t i = 0; i < size; i++) {
		int value = value_of(text[i]);

		if (text[i] && strchr(" \t\r\n", text[i]))
			continue;
		if (text[i] == '=' && padding < 2) {
			padding++;
			continue;
		}
		if (value < 0 || padding)
			return false;
		bits = bits << 6 | (uint32_t)value;
		/* Each digit but the first of four completes a byte. */
		if (n++ % 4 != 0)
			buf_putc(out, (char)(bits >> (6 - 2 * ((n - 1) % 4))));
	}
	return n % 4 != 1 && (!padding || (n + padding) % 4 == 0);
}
