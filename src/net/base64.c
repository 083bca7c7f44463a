/* SPDX-License-Identifier: Apache-2.0 */
#include "net/base64.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

char *base64_encode(const char *p, size_t size)
{
	char *out;

	if (size > BASE64_MAX)
		return NULL;
	out = mem_alloc(size / 3 * 4 + 5);
	EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)p, (int)size);
	return out;
}

/* The letters alone: lines of 76 columns and a final newline are usual. */
static size_t take_letters(char *dst, const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		if (!strchr(" \t\r\n", *text))
			dst[n++] = *text;
	return n;
}

char *base64_decode(const char *text, size_t *ret_size)
{
	size_t n = strlen(text), letters, padding;
	CLEANUP(free) char *packed = NULL;
	CLEANUP(free) char *out = NULL;
	int size;

	if (n > BASE64_MAX)
		return NULL;
	packed = mem_alloc(n + 4);
	n = take_letters(packed, text);
	/* Some leave out the padding. */
	while (n % 4 > 1 && n > 0 && !memchr(packed, '=', n - n % 4))
		packed[n++] = '=';
	packed[n] = 0;
	letters = strcspn(packed, "=");
	padding = n - letters;
	if (n == 0 || n % 4 != 0 || padding > 2 || strspn(packed + letters, "=") != padding)
		return NULL;
	out = mem_alloc(n / 4 * 3 + 1);
	size = EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)packed, (int)n);
	if (size < 0)
		return NULL;
	*ret_size = (size_t)size - padding;
	out[*ret_size] = 0;
	return STEAL(out);
}
