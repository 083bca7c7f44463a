/* SPDX-License-Identifier: Apache-2.0 */
#include "tar/tar-header.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* The ustar header's fields, by their place. */
enum {
	NAME = 0,
	NAME_SIZE = 100,
	SIZE = 124,
	SIZE_SIZE = 12,
	CHECKSUM = 148,
	CHECKSUM_SIZE = 8,
	TYPE = 156,
	LINK = 157,
	MAGIC = 257,
	PREFIX = 345,
	PREFIX_SIZE = 155,
};

void tar_head_cleanup(struct tar_head *e)
{
	free(e->path);
	free(e->source);
	free(e->location);
	*e = (struct tar_head){0};
}

/* Octal digits, or base 256 with the first bit set; false when it is neither. */
static bool number(const unsigned char *field, size_t size, uint64_t *ret)
{
	uint64_t value = 0;
	size_t i = 0;

	if (*field == 0x80) {
		for (i = 1; i < size; i++) {
			if (value >> 55)
				return false;
			value = value << 8 | field[i];
		}
		*ret = value;
		return true;
	}
	while (i < size && field[i] == ' ')
		i++;
	for (; i < size && field[i] && field[i] != ' '; i++) {
		if (field[i] < '0' || field[i] > '7')
			return false;
		value = value << 3 | (uint64_t)(field[i] - '0');
	}
	*ret = value;
	return true;
}

static unsigned checksum_of(const unsigned char *block)
{
	unsigned sum = 0;

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= CHECKSUM && i < CHECKSUM + CHECKSUM_SIZE ? ' ' : block[i];
	return sum;
}

static bool checksum_is_right(const unsigned char *block)
{
	uint64_t told = 0;

	return number(block + CHECKSUM, CHECKSUM_SIZE, &told) && told == checksum_of(block);
}

bool tar_header_read(const unsigned char *block, struct tar_header *ret)
{
	ret->type = (char)block[TYPE];
	return checksum_is_right(block) && number(block + SIZE, SIZE_SIZE, &ret->size);
}

bool tar_header_fill_link(unsigned char *block)
{
	char text[CHECKSUM_SIZE];

	if (block[LINK])
		return false;
	block[LINK] = '?';
	str_format(text, sizeof(text), "%06o", checksum_of(block));
	memcpy(block + CHECKSUM, text, CHECKSUM_SIZE);
	return true;
}

char *tar_header_path(const unsigned char *block)
{
	const char *p = (const char *)block;
	CLEANUP(free) char *name = str_dup_n(p + NAME, strnlen(p + NAME, NAME_SIZE));
	CLEANUP(free) char *prefix = str_dup_n(p + PREFIX, strnlen(p + PREFIX, PREFIX_SIZE));

	if (memcmp(p + MAGIC, "ustar", 6) != 0 || !*prefix)
		return STEAL(name);
	return str_printf("%s/%s", prefix, name);
}

bool tar_has_content(char type)
{
	return !strchr("123456", type) || !type;
}

/* ---- records ---- */

static void keep(char **dst, const char *value, size_t size)
{
	free(*dst);
	*dst = str_dup_n(value, size);
}

static bool keep_record(struct tar_head *e, const char *key, const char *value, size_t size)
{
	CLEANUP(free) char *text = NULL;

	if (str_eq(key, "path"))
		keep(&e->path, value, size);
	else if (str_eq(key, "LINUXKIT.source"))
		keep(&e->source, value, size);
	else if (str_eq(key, "LINUXKIT.location"))
		keep(&e->location, value, size);
	else if (str_eq(key, "linkpath"))
		e->linked = size > 0;
	if (!str_eq(key, "size"))
		return true;
	text = str_dup_n(value, size);
	e->sized = true;
	return str_to_u64(text, 10, &e->size) == 0;
}

bool tar_records_read(struct tar_head *e, const char *p, size_t left)
{
	while (left > 0 && *p) {
		const char *blank = memchr(p, ' ', left), *equals;
		CLEANUP(free) char *text = blank ? str_dup_n(p, (size_t)(blank - p)) : NULL;
		CLEANUP(free) char *key = NULL;
		uint64_t length = 0;
		size_t before = blank ? (size_t)(blank - p) + 1 : 0;

		if (!text || str_to_u64(text, 10, &length) < 0 || length > left ||
			length < before + 2 || p[length - 1] != '\n')
			return false;
		equals = memchr(p + before, '=', (size_t)length - before);
		if (!equals)
			return false;
		key = str_dup_n(p + before, (size_t)(equals - p) - before);
		if (!keep_record(e, key, equals + 1, (size_t)(p + length - 1 - (equals + 1))))
			return false;
		p += length;
		left -= (size_t)length;
	}
	return true;
}
