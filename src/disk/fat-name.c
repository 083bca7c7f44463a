/* SPDX-License-Identifier: Apache-2.0 */
/* Names in a FAT, and the records of directories (6 and 7 of the specification). */
#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utc.h"
#include "base/utf8.h"
#include "disk/fat-impl.h"

enum { BASE = 8, EXTENSION = 3 };

/* ---- from names to short names ---- */

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_short(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("$%'-_@~`!(){}^#&", c));
}

/*
 * Up to max characters that a short name can have. False: something of it is lost besides the case.
 */
static bool shorten(const char *name, size_t size, char *ret, size_t max)
{
	size_t n = 0;
	bool is_whole = true;

	for (size_t i = 0; i < size; i++) {
		char c = upper(name[i]);

		/* Of a character of several bytes, one remains. */
		if (c == ' ' || c == '.' || ((unsigned char)c & 0xc0) == 0x80 || n == max) {
			is_whole = false;
			continue;
		}
		is_whole &= is_short(c);
		ret[n++] = is_short(c) ? c : '_';
	}
	return is_whole;
}

static void make_short(const char *name, size_t size, struct fat_entry *ret)
{
	size_t base = size, skipped = 0;

	while (skipped < size && name[skipped] == '.')
		skipped++;
	for (size_t i = size; i-- > skipped;)
		if (name[i] == '.') {
			base = i;
			break;
		}
	memset(ret->short_name, ' ', FAT_SHORT);
	ret->has_tail = skipped > 0;
	ret->has_tail |= !shorten(name + skipped, base - skipped, ret->short_name, BASE);
	if (base < size)
		ret->has_tail |= !shorten(
			name + base + 1, size - base - 1, ret->short_name + BASE, EXTENSION);
	if (ret->short_name[0] == ' ')
		ret->short_name[0] = '_';
}

/* As the short name, which is in upper case, would be shown. */
static bool is_shown_as(const struct fat_entry *e, const char *name, size_t size)
{
	char shown[FAT_SHORT + 2];
	size_t n = 0;

	for (size_t i = 0; i < FAT_SHORT; i++) {
		if (i == BASE && e->short_name[i] != ' ')
			shown[n++] = '.';
		if (e->short_name[i] != ' ')
			shown[n++] = e->short_name[i];
	}
	return n == size && memcmp(shown, name, n) == 0;
}

static bool is_allowed(const char *name, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)name[i] < ' ' || strchr("\"*/:<>?\\|", name[i]))
			return false;
	/* Windows leaves off what is there; this also refuses "." and "..". */
	return name[size - 1] != '.' && name[size - 1] != ' ';
}

bool fat_name_make(const char *name, size_t size, struct fat_entry *ret)
{
	uint16_t units[FAT_LONG_MAX];
	int n = utf8_to_utf16(name, size, units, FAT_LONG_MAX);

	if (n < 0 || n > FAT_LONG_MAX || !is_allowed(name, size))
		return false;
	ret->name = name;
	ret->size = size;
	make_short(name, size, ret);
	if (!ret->has_tail && is_shown_as(ret, name, size))
		return true;
	ret->units = mem_dup(units, (size_t)n * sizeof(*units));
	ret->n_units = (size_t)n;
	return true;
}

bool fat_name_eq(const struct fat_entry *e, const char *name, size_t size)
{
	if (e->size != size)
		return false;
	for (size_t i = 0; i < size; i++)
		if (upper(e->name[i]) != upper(name[i]))
			return false;
	return true;
}

/* ---- tails ---- */

static bool is_taken(const struct fat_tree *t, const struct fat_entry *e, const char *name)
{
	for (size_t i = 0; i < t->n_entries; i++) {
		const struct fat_entry *other = &t->entries[i];

		if (other->dir == e->dir && !other->has_tail &&
			memcmp(other->short_name, name, FAT_SHORT) == 0)
			return true;
	}
	return false;
}

/* The base, shortened to make room, then ~N. */
static void add_tail(const struct fat_entry *e, unsigned n, char ret[static FAT_SHORT])
{
	char tail[BASE + 1];
	size_t base = 0, size;

	str_format(tail, sizeof(tail), "~%u", n);
	size = strlen(tail);
	while (base < BASE - size && e->short_name[base] != ' ')
		base++;
	memcpy(ret, e->short_name, FAT_SHORT);
	memset(ret + base, ' ', BASE - base);
	memcpy(ret + base, tail, size);
}

void fat_names_finish(struct fat_tree *t)
{
	/* At most as many as there are files, so the search ends; it goes on where it was. */
	unsigned n = 1;

	for (size_t i = 0; i < t->n_entries; i++) {
		struct fat_entry *e = &t->entries[i];
		char name[FAT_SHORT];

		if (!e->has_tail)
			continue;
		if (i == 0 || t->entries[i - 1].dir != e->dir)
			n = 1;
		do
			add_tail(e, n++, name);
		while (is_taken(t, e, name));
		memcpy(e->short_name, name, FAT_SHORT);
		e->has_tail = false;
	}
}

/* ---- records ---- */

size_t fat_records(const struct fat_entry *e)
{
	return 1 + (e->n_units + FAT_UNITS - 1) / FAT_UNITS;
}

/* Counted from 1980, of local time; UTC here. */
static void put_time(unsigned char *to, int64_t time)
{
	struct tm t = {.tm_year = 80, .tm_mday = 1}, given;
	unsigned clock, date;

	if (utc_from(time, &given) && given.tm_year >= 80 && given.tm_year <= 80 + 127)
		t = given;
	clock = (unsigned)(t.tm_hour << 11 | t.tm_min << 5 | t.tm_sec / 2);
	date = (unsigned)((t.tm_year - 80) << 9 | (t.tm_mon + 1) << 5 | t.tm_mday);
	le16_put(to + 14, (uint16_t)clock); /* made */
	le16_put(to + 16, (uint16_t)date);
	le16_put(to + 18, (uint16_t)date);  /* last read */
	le16_put(to + 22, (uint16_t)clock); /* last written */
	le16_put(to + 24, (uint16_t)date);
}

unsigned char *fat_put_short(unsigned char *to, const char *name, unsigned char attributes,
	uint32_t cluster, uint32_t size, int64_t time)
{
	memcpy(to, name, FAT_SHORT);
	to[FAT_ATTRIBUTES_AT] = attributes;
	put_time(to, time);
	le16_put(to + FAT_CLUSTER_HIGH_AT, (uint16_t)(cluster >> 16));
	le16_put(to + FAT_CLUSTER_LOW_AT, (uint16_t)cluster);
	le32_put(to + FAT_SIZE_AT, size);
	return to + FAT_RECORD;
}

/* 7: it says to which short name a long one belongs. */
static unsigned char checksum(const char name[static FAT_SHORT])
{
	unsigned sum = 0;

	for (size_t i = 0; i < FAT_SHORT; i++)
		sum = ((sum & 1) << 7) + ((sum & 0xff) >> 1) + (unsigned char)name[i];
	return (unsigned char)sum;
}

/* Record number `at` of a long name, counted from 1; they come last one first. */
static void put_long(unsigned char *to, const struct fat_entry *e, size_t at)
{
	static const unsigned char places[FAT_UNITS] = {
		1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
	size_t first = (at - 1) * FAT_UNITS;

	to[0] = (unsigned char)(at == fat_records(e) - 1 ? 0x40 | at : at);
	to[FAT_ATTRIBUTES_AT] = FAT_LONG;
	to[13] = checksum(e->short_name);
	for (size_t i = 0; i < FAT_UNITS; i++)
		le16_put(to + places[i], first + i < e->n_units    ? e->units[first + i]
					 : first + i == e->n_units ? 0
								   : 0xffff);
}

unsigned char *fat_put_entry(
	unsigned char *to, const struct fat_entry *e, uint32_t cluster, uint32_t size, int64_t time)
{
	for (size_t n = fat_records(e); --n > 0; to += FAT_RECORD)
		put_long(to, e, n);
	return fat_put_short(
		to, e->short_name, e->file ? FAT_ARCHIVE : FAT_DIRECTORY, cluster, size, time);
}
