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

char *base64_decode(const char *text, size_t *ret_size)
{
	size_t n = strlen(text), letters = strcspn(text, "="), padding = n - letters;
	CLEANUP(free) char *out = NULL;
	int size;

	if (n == 0 || n % 4 != 0 || n > BASE64_MAX || padding > 2 ||
		strspn(text + letters, "=") != padding)
		return NULL;
	out = mem_alloc(n / 4 * 3 + 1);
	size = EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)text, (int)n);
	if (size < 0)
		return NULL;
	*ret_size = (size_t)size - padding;
	out[*ret_size] = 0;
	return STEAL(out);
}
