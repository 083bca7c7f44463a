/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include "base/attr.h"

/*
 * What the first byte determines, and the range of the second, which excludes overlong forms,
 * surrogates and what is beyond U+10FFFF.
 */
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

bool utf8_is_valid(const char *s, size_t size)
{
	for (size_t at = 0, n; at < size; at += n) {
		n = utf8_size(s + at, size - at);
		if (n == 0)
			return false;
	}
	return true;
}

size_t utf8_decode(const char *s, size_t size, uint32_t *ret)
{
	static const uint8_t first_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
	size_t n = utf8_size(s, size);

	if (n == 0)
		return 0;
	*ret = (unsigned char)s[0] & first_bits[n];
	for (size_t i = 1; i < n; i++)
		*ret = *ret << 6 | ((unsigned char)s[i] & 0x3F);
	return n;
}

int utf8_to_utf16(const char *s, size_t size, uint16_t *ret, size_t max)
{
	size_t n = 0;

	for (size_t at = 0, step; at < size; at += step) {
		uint32_t point = 0;
		uint16_t units[2];
		size_t two;

		step = utf8_decode(s + at, size - at, &point);
		if (step == 0)
			return -1;
		two = point >= 0x10000;
		units[0] = (uint16_t)(two ? 0xD800 | (point - 0x10000) >> 10 : point);
		units[1] = (uint16_t)(0xDC00 | (point & 0x3FF));
		for (size_t i = 0; i <= two; i++, n++)
			if (n < max)
				ret[n] = units[i];
	}
	return (int)n;
}

void utf8_put(struct buf *out, uint32_t point)
{
	static const uint8_t first_bits[] = {0, 0xC0, 0xE0, 0xF0};
	unsigned more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;

	buf_putc(out, (char)(first_bits[more] | point >> 6 * more));
	while (more-- > 0)
		buf_putc(out, (char)(0x80 | (point >> 6 * more & 0x3F)));
}

/*
 * The joiners U+200C and U+200D are not among them: Persian, Hindi and others cannot be written
 * without them.
 */
bool utf8_steers(uint32_t point)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00, 0x1F}, {0x7F, 0x9F}, /* C0, DEL, C1 */
		{0xAD, 0xAD},               /* soft hyphen */
		{0x61C, 0x61C},             /* Arabic letter mark */
		{0x180E, 0x180E},           /* Mongolian vowel separator */
		{0x200B, 0x200B},           /* zero width space */
		{0x200E, 0x200F},           /* marks of direction */
		{0x2028, 0x202E},           /* separators; embeddings, overrides */
		{0x2060, 0x206F},           /* invisible operators; isolates */
		{0xFEFF, 0xFEFF},           /* byte order mark */
		{0xFFF9, 0xFFFB},           /* interlinear annotation */
		{0xE0000, 0xE007F},         /* tags */
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}
