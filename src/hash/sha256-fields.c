/* SPDX-License-Identifier: Apache-2.0 */
#include "hash/sha256-fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void sha256_add_field(struct sha256 *h, const void *p, uint64_t size)
{
	char head[24];
	int n = snprintf(head, sizeof(head), "%" PRIu64 ":", size);

	sha256_add(h, head, (size_t)n);
	sha256_add(h, p, size);
}

void sha256_add_number(struct sha256 *h, uint64_t n)
{
	char text[24];
	int size = snprintf(text, sizeof(text), "%" PRIu64, n);

	sha256_add_field(h, text, (size_t)size);
}

void sha256_add_text(struct sha256 *h, const char *text)
{
	sha256_add_number(h, text != NULL);
	if (text)
		sha256_add_field(h, text, strlen(text));
}
