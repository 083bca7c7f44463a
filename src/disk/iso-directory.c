/* SPDX-License-Identifier: Apache-2.0 */
/* The records of directories (ECMA-119, 9.1). */
#include <string.h>

#include "base/endian.h"
#include "base/utc.h"
#include "disk/iso-impl.h"

enum { FIXED = 33 };                            /* bytes of a record without the name */
enum { IS_DIRECTORY = 2, IS_CONTINUED = 0x80 }; /* 9.1.6 */

/* A file's sections (6.4.2): each but the last is whole sectors. */
#define SECTION_MAX ((uint64_t)UINT32_MAX / ISO_SECTOR * ISO_SECTOR)

/* 7.3.3 and 7.2.3: both orders, one after the other. */
void iso_both32_put(unsigned char *p, uint32_t v)
{
	le32_put(p, v);
	be32_put(p + 4, v);
}

void iso_both16_put(unsigned char *p, uint16_t v)
{
	le16_put(p, v);
	be16_put(p + 2, v);
}

void iso_time_put(unsigned char *p, int64_t t)
{
	enum { FIRST_YEAR = 1900 };
	static const int64_t first = -2208988800, last = 5869583999; /* 1900 to 2155 */
	struct tm tm = {0};

	(void)utc_from(t < first ? first : t > last ? last : t, &tm);
	p[0] = (unsigned char)tm.tm_year; /* since FIRST_YEAR */
	p[1] = (unsigned char)(tm.tm_mon + 1);
	p[2] = (unsigned char)tm.tm_mday;
	p[3] = (unsigned char)tm.tm_hour;
	p[4] = (unsigned char)tm.tm_min;
	p[5] = (unsigned char)tm.tm_sec;
	p[6] = 0; /* from Greenwich */
}

struct record {
	const struct iso_node *node;
	enum iso_record kind;
	uint32_t sector, size;
	unsigned flags;
};

/* Without system use fields; p is all zeros. Returns the size, which is even. */
static size_t put_fixed(unsigned char *p, const struct record *r)
{
	size_t n = 1;

	iso_both32_put(p + 2, r->sector);
	iso_both32_put(p + 10, r->size);
	iso_time_put(p + 18, r->node->meta.time);
	p[25] = (unsigned char)r->flags;
	iso_both16_put(p + 28, 1);
	if (r->kind == ISO_PARENT) {
		p[FIXED] = 1;
	} else if (r->kind == ISO_NAME) {
		n = strlen(r->node->id);
		memcpy(p + FIXED, r->node->id, n);
		if (!iso_is_dir(r->node) && !strchr(r->node->id, '.'))
			p[FIXED + n++] = '.';
		if (!iso_is_dir(r->node)) {
			memcpy(p + FIXED + n, ";1", 2);
			n += 2;
		}
	}
	p[32] = (unsigned char)n;
	return (FIXED + n + 1) & ~(size_t)1;
}

void iso_root_record_put(unsigned char *p, const struct iso_node *root)
{
	const struct record r = {
		root, ISO_SELF, root->dir->sector, (uint32_t)root->dir->size, IS_DIRECTORY};

	p[0] = (unsigned char)put_fixed(p, &r);
}

/* ---- directories ---- */

struct listing {
	unsigned char *at; /* or NULL */
	uint64_t used;
	struct iso_overflow *overflow;
};

/* No record is in two sectors (6.8.1.1). */
static void put_record(struct listing *l, const struct record *r)
{
	unsigned char record[ISO_RECORD_MAX + 1] = {0};
	size_t size = iso_fields_put(record, put_fixed(record, r), r->node, r->kind, l->overflow);

	record[0] = (unsigned char)size;
	if (l->used % ISO_SECTOR + size > ISO_SECTOR)
		l->used = iso_sectors_of(l->used) * ISO_SECTOR;
	if (l->at)
		memcpy(l->at + l->used, record, size);
	l->used += size;
}

static void put_directory(struct listing *l, const struct iso_node *n, enum iso_record kind)
{
	const struct iso_node *to = kind == ISO_PARENT ? n->dir->parent : n;

	put_record(l,
		&(struct record){to, kind, to->dir->sector, (uint32_t)to->dir->size, IS_DIRECTORY});
}

/* A record for each of its sections, of which all have the same name. */
static void put_file(struct listing *l, const struct iso_node *n)
{
	uint64_t left = S_ISREG(n->meta.mode) && n->file ? n->file->data.size : 0;
	uint32_t sector = left ? n->file->sector : 0;

	for (; left > SECTION_MAX; left -= SECTION_MAX) {
		put_record(l,
			&(struct record){n, ISO_NAME, sector, (uint32_t)SECTION_MAX, IS_CONTINUED});
		sector += (uint32_t)(SECTION_MAX / ISO_SECTOR);
	}
	put_record(l, &(struct record){n, ISO_NAME, sector, (uint32_t)left, 0});
}

uint64_t iso_directory_put(unsigned char *at, const struct iso_node *dir, struct iso_overflow *o)
{
	struct listing l = {.at = at, .overflow = o};

	put_directory(&l, dir, ISO_SELF);
	put_directory(&l, dir, ISO_PARENT);
	for (size_t i = 0; i < dir->dir->n; i++) {
		const struct iso_node *n = dir->dir->children[i];

		if (iso_is_dir(n))
			put_directory(&l, n, ISO_NAME);
		else
			put_file(&l, n);
	}
	return iso_sectors_of(l.used) * ISO_SECTOR;
}
