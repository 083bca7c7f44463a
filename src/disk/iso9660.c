/* SPDX-License-Identifier: Apache-2.0 */
#include "disk/iso9660.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"

/* Where things are, in sectors; the files follow the root directory. */
enum { VOLUME = 16, TERMINATOR, TABLE_LITTLE, TABLE_BIG, ROOT };
enum {
	SECTOR = 2048,
	SECTORS_MIN = 32, /* libarchive takes nothing with less than 24 for an ISO 9660 */
	NAME_MAX_ISO = 30,
	VOLUME_MAX = 32,
	ID_MAX = NAME_MAX_ISO + 4, /* the point, ";1" and the NUL */
	RECORD = 33,               /* a directory's record without the name */
	PATH_TABLE = 10,           /* of a root alone */
	IS_DIRECTORY = 2,
};

struct entry {
	char id[ID_MAX];
	const struct iso_file *file;
	uint32_t sector;
};

/* ---- numbers and text as the standard has them ---- */

/* 7.3.3 and 7.2.3: both orders, one after the other. */
static void both32(unsigned char *p, uint32_t v)
{
	le32_put(p, v);
	be32_put(p + 4, v);
}

static void both16(unsigned char *p, uint16_t v)
{
	le16_put(p, v);
	be16_put(p + 2, v);
}

static void spaces(unsigned char *p, size_t size)
{
	memset(p, ' ', size);
}

/* 8.4.26.1: digits, and the distance from Greenwich; all digits 0 is no time. */
static void long_time(unsigned char *p, const struct tm *t)
{
	char text[32] = "0000000000000000";

	if (t)
		str_format(text, sizeof(text), "%04d%02d%02d%02d%02d%02d00", t->tm_year + 1900,
			t->tm_mon + 1, t->tm_mday, t->tm_hour, t->tm_min, t->tm_sec);
	memcpy(p, text, 16);
}

/* 9.1; ret has room for RECORD and the name. Returns the record's size. */
static size_t put_record(unsigned char *ret, const char *name, size_t name_size, uint32_t sector,
	uint32_t size, unsigned char flags, const struct tm *t)
{
	size_t whole = (RECORD + name_size + 1) & ~(size_t)1;
	const unsigned char when[] = {(unsigned char)t->tm_year, (unsigned char)(t->tm_mon + 1),
		(unsigned char)t->tm_mday, (unsigned char)t->tm_hour, (unsigned char)t->tm_min,
		(unsigned char)t->tm_sec, 0};

	memset(ret, 0, whole);
	ret[0] = (unsigned char)whole;
	both32(ret + 2, sector);
	both32(ret + 10, size);
	memcpy(ret + 18, when, sizeof(when));
	ret[25] = flags;
	both16(ret + 28, 1);
	ret[32] = (unsigned char)name_size;
	memcpy(ret + RECORD, name, name_size);
	return whole;
}

/* ---- names ---- */

/* In upper case; false: a character that is not allowed, or too long. */
static bool convert(const char *name, size_t max, unsigned points, char *ret)
{
	size_t n = 0;

	for (; *name; name++, n++) {
		char c = *name;

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (c == '.' && points > 0)
			points--;
		else if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_')
			return false;
		if (n == max)
			return false;
		ret[n] = c;
	}
	ret[n] = 0;
	return n > 0;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->id, ((const struct entry *)b)->id);
}

/* The entries in the order of the directory (9.3). */
static int make_entries(const struct iso_options *o, struct entry *entries, struct werr **err)
{
	for (size_t i = 0; i < o->n_files; i++) {
		struct entry *e = &entries[i];
		char name[NAME_MAX_ISO + 1];

		e->file = &o->files[i];
		if (!convert(e->file->name, NAME_MAX_ISO, 1, name))
			return werr_set(err, WERR_INVALID, "an ISO 9660 can't have a file '%s'",
				e->file->name);
		str_format(e->id, sizeof(e->id), "%s%s;1", name, strchr(name, '.') ? "" : ".");
	}
	qsort(entries, o->n_files, sizeof(*entries), by_id);
	for (size_t i = 1; i < o->n_files; i++)
		if (str_eq(entries[i - 1].id, entries[i].id))
			return werr_set(err, WERR_EXISTS, "two files of an ISO 9660 are called %s",
				entries[i].id);
	return 0;
}

/* ---- the layout ---- */

static uint64_t sectors_of(uint64_t size)
{
	return (size + SECTOR - 1) / SECTOR;
}

/*
 * The root directory: itself, its parent (which is itself), the files; no record is in two sectors.
 * Returns its size in whole sectors; at NULL only that is found out.
 */
static size_t put_root(
	unsigned char *at, const struct entry *entries, size_t n, uint32_t size, const struct tm *t)
{
	unsigned char record[RECORD + ID_MAX + 1];
	size_t used = 0;

	for (size_t i = 0; i < n + 2; i++) {
		const struct entry *e = i < 2 ? NULL : &entries[i - 2];
		size_t whole =
			e ? put_record(record, e->id, strlen(e->id), e->sector,
				    (uint32_t)e->file->size, 0, t)
			  : put_record(record, i ? "\1" : "\0", 1, ROOT, size, IS_DIRECTORY, t);

		if (used % SECTOR + whole > SECTOR)
			used = sectors_of(used) * SECTOR;
		if (at)
			memcpy(at + used, record, whole);
		used += whole;
	}
	return sectors_of(used) * SECTOR;
}

/* 8.4 */
static void put_volume(unsigned char *p, const char *volume, uint32_t sectors, uint32_t root_size,
	const struct tm *t)
{
	p[0] = 1;
	memcpy(p + 1, "CD001\1", 6);
	spaces(p + 8, 64);
	memcpy(p + 40, volume, strlen(volume));
	both32(p + 80, sectors);
	both16(p + 120, 1);
	both16(p + 124, 1);
	both16(p + 128, SECTOR);
	both32(p + 132, PATH_TABLE);
	le32_put(p + 140, TABLE_LITTLE);
	be32_put(p + 148, TABLE_BIG);
	put_record(p + 156, "\0", 1, ROOT, root_size, IS_DIRECTORY, t);
	spaces(p + 190, 623);
	long_time(p + 813, t);
	long_time(p + 830, t);
	long_time(p + 847, NULL);
	long_time(p + 864, NULL);
	p[881] = 1;
}

/* What is before the files: everything from the volume's descriptor to the root directory. */
static unsigned char *make_head(struct extents *image, const char *volume,
	const struct entry *entries, size_t n, uint32_t root_size, uint32_t sectors,
	const struct tm *t)
{
	unsigned char *p = extents_alloc(image, (size_t)(ROOT - VOLUME) * SECTOR + root_size);
	unsigned char *little = p + (size_t)(TABLE_LITTLE - VOLUME) * SECTOR;
	unsigned char *big = p + (size_t)(TABLE_BIG - VOLUME) * SECTOR;

	put_volume(p, volume, sectors, root_size, t);
	memcpy(p + (size_t)(TERMINATOR - VOLUME) * SECTOR, "\377CD001\1", 7);
	/* 9.4: the root, whose parent is itself. */
	little[0] = big[0] = 1;
	le32_put(little + 2, ROOT);
	le16_put(little + 6, 1);
	be32_put(big + 2, ROOT);
	be16_put(big + 6, 1);
	put_root(p + (size_t)(ROOT - VOLUME) * SECTOR, entries, n, root_size, t);
	return p;
}

int iso_layout(const struct iso_options *o, struct extents *ret, struct werr **err)
{
	CLEANUP(extents) struct extents image = {0};
	CLEANUP(free) struct entry *entries = mem_new_array(struct entry, o->n_files + 1);
	char volume[VOLUME_MAX + 1];
	uint64_t sectors;
	size_t root_size;
	struct tm t;
	int r = make_entries(o, entries, err);

	if (r < 0)
		return r;
	if (!convert(o->volume, VOLUME_MAX, 0, volume) || !gmtime_r(&o->time, &t))
		return werr_set(err, WERR_INVALID, "an ISO 9660 can't be called '%s'", o->volume);
	root_size = put_root(NULL, entries, o->n_files, 0, &t);
	sectors = ROOT + root_size / SECTOR;
	for (size_t i = 0; i < o->n_files; i++) {
		entries[i].sector = (uint32_t)sectors;
		sectors += sectors_of(entries[i].file->size);
		if (sectors > UINT32_MAX / SECTOR)
			return werr_set(err, WERR_LIMIT, "an ISO 9660 of more than 4 GiB");
	}
	if (sectors < SECTORS_MIN)
		sectors = SECTORS_MIN;
	image.size = sectors * SECTOR;
	r = extents_add_bytes(&image, (uint64_t)VOLUME * SECTOR,
		make_head(&image, volume, entries, o->n_files, (uint32_t)root_size,
			(uint32_t)sectors, &t),
		(size_t)(ROOT - VOLUME) * SECTOR + root_size, err);
	for (size_t i = 0; r == 0 && i < o->n_files; i++)
		r = extents_add_bytes(&image, (uint64_t)entries[i].sector * SECTOR,
			entries[i].file->bytes, entries[i].file->size, err);
	if (r < 0)
		return r;
	*ret = image;
	image = (struct extents){0};
	return 0;
}
