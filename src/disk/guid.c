/* SPDX-License-Identifier: Apache-2.0 */
#include "disk/guid.h"

#include <string.h>

bool guid_eq(const struct guid *a, const struct guid *b)
{
	return memcmp(a->bytes, b->bytes, GUID_SIZE) == 0;
}

bool guid_is_zero(const struct guid *g)
{
	static const struct guid zero;

	return guid_eq(g, &zero);
}

/* Fields of four, two and two bytes change their order; doing it twice changes nothing. */
static void mix(unsigned char *ret, const unsigned char *p)
{
	static const unsigned char from[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

	for (size_t i = 0; i < GUID_SIZE; i++)
		ret[i] = p[from[i]];
}

void guid_put_mixed(unsigned char ret[static GUID_SIZE], const struct guid *g)
{
	mix(ret, g->bytes);
}

void guid_get_mixed(const unsigned char p[static GUID_SIZE], struct guid *ret)
{
	mix(ret->bytes, p);
}

void guid_text(const struct guid *g, char ret[static GUID_TEXT])
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < GUID_SIZE; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*ret++ = '-';
		*ret++ = hex[g->bytes[i] >> 4];
		*ret++ = hex[g->bytes[i] & 15];
	}
	*ret = 0;
}
