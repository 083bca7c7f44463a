/* SPDX-License-Identifier: Apache-2.0 */
#include "tar/ustar.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static const char magic[] = "ustar";

void ustar_put_text(char *field, size_t size, const char *text)
{
	memcpy(field, text, strnlen(text, size));
}

bool ustar_put_octal(char *field, size_t size, uint64_t value)
{
	for (size_t i = size - 1; i-- > 0; value >>= 3)
		field[i] = (char)('0' + (value & 7));
	field[size - 1] = 0;
	if (value == 0)
		return true;
	memset(field, '0', size - 1);
	return false;
}

void ustar_put_base256(char *field, size_t size, uint64_t value)
{
	for (size_t i = size; i-- > 0; value >>= 8)
		field[i] = (char)(value & 0xff);
	field[0] |= (char)0x80;
}

static bool get_base256(const unsigned char *field, size_t size, uint64_t *ret)
{
	uint64_t value = 0;

	for (size_t i = 1; i < size; i++) {
		if (value >> 55)
			return false;
		value = value << 8 | field[i];
	}
	*ret = value;
	return true;
}

bool ustar_get_number(const char *field, size_t size, uint64_t *ret)
{
	uint64_t value = 0;
	size_t i = 0;

	if ((unsigned char)*field == 0x80)
		return get_base256((const unsigned char *)field, size, ret);
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

/* The checksum field itself counts as spaces. */
static unsigned checksum_of(const struct ustar *h)
{
	const unsigned char *p = (const unsigned char *)h;
	unsigned sum = ' ' * sizeof(h->checksum);

	for (size_t i = 0; i < sizeof(*h); i++)
		sum += p[i];
	for (size_t i = 0; i < sizeof(h->checksum); i++)
		sum -= (unsigned char)h->checksum[i];
	return sum;
}

void ustar_init(struct ustar *h, char type, const char *name)
{
	*h = (struct ustar){.type = type};
	ustar_put_text(h->name, sizeof(h->name), name);
	ustar_put_octal(h->mode, sizeof(h->mode), 0644);
	ustar_put_octal(h->uid, sizeof(h->uid), 0);
	ustar_put_octal(h->gid, sizeof(h->gid), 0);
	ustar_put_octal(h->size, sizeof(h->size), 0);
	ustar_put_octal(h->mtime, sizeof(h->mtime), 0);
}

/* Six digits, a NUL and a space. */
void ustar_set_checksum(struct ustar *h)
{
	unsigned sum = checksum_of(h);
	const size_t last = sizeof(h->checksum) - 1;

	ustar_put_octal(h->checksum, last, sum);
	h->checksum[last] = ' ';
}

void ustar_seal(struct ustar *h)
{
	memcpy(h->magic, magic, sizeof(h->magic));
	memcpy(h->version, "00", sizeof(h->version));
	ustar_set_checksum(h);
}

bool ustar_is_intact(const struct ustar *h)
{
	uint64_t sum = 0;

	return ustar_get_number(h->checksum, sizeof(h->checksum), &sum) && sum == checksum_of(h);
}

char *ustar_path(const struct ustar *h)
{
	CLEANUP(free) char *name = str_dup_n(h->name, strnlen(h->name, sizeof(h->name)));
	CLEANUP(free) char *prefix = str_dup_n(h->prefix, strnlen(h->prefix, sizeof(h->prefix)));

	/* Older formats have other fields in place of the prefix. */
	if (memcmp(h->magic, magic, sizeof(h->magic)) != 0 || !*prefix)
		return STEAL(name);
	return str_printf("%s/%s", prefix, name);
}
