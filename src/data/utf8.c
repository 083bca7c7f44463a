/* SPDX-License-Identifier: Apache-2.0 */
#include "data/utf8.h"

#include <stdint.h>

#include "base/attr.h"

/* What the first byte says, and the range of the second, which shuts out overlong forms, surrogates and the beyond. */
static const struct {
	uint8_t first_min, first_max, second_min, second_max, size;
} forms[] = {
	{0xC2, 0xDF, 0x80, 0xBF, 2},
	{0xE0, 0xE0, 0xA0, 0xBF, 3},
	{0xE1, 0xEC, 0x80, 0xBF, 3},
	{0xED, 0xED, 0x80, 0x9F, 3},
	{0xEE, 0xEF, 0x80, 0xBF, 3},
	{0xF0, 0xF0, 0x90, 0xBF, 4},
	{0xF1, 0xF3, 0x80, 0xBF, 4},
	{0xF4, 0xF4, 0x80, 0x8F, 4},
};

size_t utf8_size(const char *s, size_t size)
{
	const unsigned char *u = (const unsigned char *)s;

	if (u[0] < 0x80)
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (u[0] < forms[i].first_min || u[0] > forms[i].first_max)
			continue;
		if (size < forms[i].size || u[1] < forms[i].second_min ||
			u[1] > forms[i].second_max)
			return 0;
		for (size_t k = 2; k < forms[i].size; k++)
			if (u[k] < 0x80 || u[k] > 0xBF)
				return 0;
		return forms[i].size;
	}
	return 0;
}
