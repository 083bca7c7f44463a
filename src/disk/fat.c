/* SPDX-License-Identifier: Apache-2.0 */
#include "disk/fat.h"

#include <inttypes.h>
#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/fat-impl.h"

enum { FIRST = FAT_FIRST_CLUSTER, BACKUP = 6, INFO = 1 }; /* sectors of FAT32 */

/* ---- where things are ---- */

static uint64_t at_of(const struct fat_shape *s, uint64_t cluster)
{
	return s->data * DISK_SECTOR + (cluster - FIRST) * s->cluster;
}

static uint64_t dir_size(const struct fat_dir *d)
{
	return (uint64_t)d->n_records * FAT_RECORD;
}

/* Directories come first, then the files, each in one piece. Returns the first free cluster. */
static uint64_t set_places(struct fat *f, struct fat_tree *t)
{
	const struct fat_shape *s = &f->shape;
	uint64_t next = FIRST;

	for (size_t i = s->bits == 16; i < t->n_dirs; i++) {
		t->dirs[i].cluster = (uint32_t)next;
		next += fat_clusters(s, dir_size(&t->dirs[i]));
	}
	for (size_t i = 0; i < f->n; i++) {
		f->files[i].at = at_of(s, next);
		next += fat_clusters(s, f->files[i].content.size);
	}
	return next;
}

static int check_files(const struct fat *f, struct werr **err)
{
	size_t label = f->label ? strlen(f->label) : 0;

	if (label > FAT_LABEL_MAX)
		return werr_set(err, WERR_INVALID, "a FAT can't be called '%s'", f->label);
	for (size_t i = 0; i < f->n; i++)
		if (f->files[i].content.size > FAT_FILE_MAX)
			return werr_set(err, WERR_LIMIT,
				"%s has %" PRIu64 " bytes: a file in a FAT has at most 4 GiB - 1",
				f->files[i].path, f->files[i].content.size);
	return 0;
}

int fat_place(struct fat *f, struct werr **err)
{
	CLEANUP(fat_tree) struct fat_tree t = {0};
	int r = check_files(f, err);

	if (r == 0)
		r = fat_tree_make(f, &t, err);
	if (r == 0)
		r = fat_shape_choose(f, &t, &f->shape, err);
	if (r < 0)
		return r;
	if (!f->size)
		f->size = f->shape.total * DISK_SECTOR;
	set_places(f, &t);
	return 0;
}

/* ---- sectors before the clusters ---- */

/* Filled up with blanks. */
static void put_text(unsigned char *to, const char *text, size_t size)
{
	size_t n = strlen(text);

	memset(to, ' ', size);
	memcpy(to, text, n < size ? n : size);
}

/* Serial number, label and type. */
static void put_volume(unsigned char *to, const struct fat *f)
{
	to[0] = 0x80;
	to[2] = 0x29;
	le32_put(to + 3, f->serial);
	put_text(to + 7, f->label ? f->label : "NO NAME", FAT_LABEL_MAX);
	put_text(to + 18, f->shape.bits == 32 ? "FAT32" : "FAT16", 8);
}

/* 3. Its code goes on to the BIOS's next disk (interrupt 18). */
static void put_boot_sector(unsigned char *to, const struct fat *f)
{
	static const unsigned char code[] = {0xcd, 0x18, 0xf4, 0xeb, 0xfd};
	const struct fat_shape *s = &f->shape;
	bool is_short = s->bits == 16 && s->total < 65536;
	size_t code_at = s->bits == 32 ? FAT_CODE_32_AT : FAT_CODE_16_AT;

	to[0] = 0xeb;
	to[1] = (unsigned char)(code_at - 2);
	to[2] = 0x90;
	memcpy(to + code_at, code, sizeof(code));
	memcpy(to + 3, "MSWIN4.1", 8); /* recommended, as some programs ask for it */
	le16_put(to + FAT_SECTOR_AT, DISK_SECTOR);
	to[FAT_CLUSTER_SIZE_AT] = (unsigned char)(s->cluster / DISK_SECTOR);
	le16_put(to + FAT_RESERVED_AT, (uint16_t)s->reserved);
	to[FAT_TABLES_AT] = 2;
	le16_put(to + FAT_ROOT_RECORDS_AT, (uint16_t)(s->root * DISK_SECTOR / FAT_RECORD));
	le16_put(to + FAT_TOTAL_16_AT, is_short ? (uint16_t)s->total : 0);
	to[FAT_MEDIA_AT] = 0xf8;
	le16_put(to + FAT_TABLE_16_AT, s->bits == 16 ? (uint16_t)s->table : 0);
	le16_put(to + FAT_TRACK_AT, 63);
	le16_put(to + FAT_HEADS_AT, 255);
	le32_put(to + FAT_HIDDEN_AT, (uint32_t)(f->hidden / DISK_SECTOR));
	le32_put(to + FAT_TOTAL_32_AT, is_short ? 0 : (uint32_t)s->total);
	if (s->bits == 32) {
		le32_put(to + FAT_TABLE_32_AT, (uint32_t)s->table);
		le32_put(to + FAT_ROOT_CLUSTER_AT, FIRST);
		le16_put(to + FAT_INFO_SECTOR_AT, INFO);
		le16_put(to + FAT_BACKUP_SECTOR_AT, BACKUP);
	}
	put_volume(to + (s->bits == 32 ? FAT_VOLUME_32_AT : FAT_VOLUME_16_AT), f);
	memcpy(to + 510, "\x55\xaa", 2);
}

/* 5: free clusters, and the first of them. */
static void put_info(unsigned char *to, const struct fat_shape *s, uint64_t next)
{
	uint64_t n_free = s->n_clusters - (next - FIRST);

	memcpy(to, "RRaA", 4);
	memcpy(to + 484, "rrAa", 4);
	le32_put(to + 488, (uint32_t)n_free);
	le32_put(to + 492, n_free ? (uint32_t)next : UINT32_MAX);
	memcpy(to + 510, "\x55\xaa", 2);
}

static int put_sectors(const struct fat *f, struct extents *d, uint64_t next, struct werr **err)
{
	size_t n = f->shape.bits == 32 ? 2 : 1;
	unsigned char *sectors = extents_alloc(d, n * DISK_SECTOR);
	int r;

	put_boot_sector(sectors, f);
	if (n == 2)
		put_info(sectors + (size_t)INFO * DISK_SECTOR, &f->shape, next);
	r = extents_add_bytes(d, 0, sectors, n * DISK_SECTOR, err);
	if (r == 0 && n == 2)
		r = extents_add_bytes(
			d, (uint64_t)BACKUP * DISK_SECTOR, sectors, n * DISK_SECTOR, err);
	return r;
}

/* ---- tables ---- */

struct table {
	unsigned char *bytes;
	unsigned bits;
};

static void put_next(const struct table *t, uint64_t cluster, uint32_t next)
{
	if (t->bits == 32)
		le32_put(t->bytes + 4 * cluster, next & FAT32_MASK);
	else
		le16_put(t->bytes + 2 * cluster, (uint16_t)next);
}

/* Clusters one after another, the last of which is the end. Returns the one behind them. */
static uint64_t put_chain(const struct table *t, uint64_t first, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		put_next(t, first + i, i + 1 < n ? (uint32_t)(first + i + 1) : UINT32_MAX);
	return first + n;
}

/* 4: both tables; what is behind the last used cluster is zeros, and not written. */
static int put_tables(const struct fat *f, const struct fat_tree *t, uint64_t used,
	struct extents *d, struct werr **err)
{
	const struct fat_shape *s = &f->shape;
	size_t size = (size_t)used * s->bits / 8;
	const struct table table = {extents_alloc(d, size), s->bits};
	uint64_t next = FIRST, at = s->reserved * DISK_SECTOR;
	int r;

	put_next(&table, 0, 0xfffffff8);
	put_next(&table, 1, UINT32_MAX); /* it was left without errors */
	for (size_t i = s->bits == 16; i < t->n_dirs; i++)
		next = put_chain(&table, next, fat_clusters(s, dir_size(&t->dirs[i])));
	for (size_t i = 0; i < f->n; i++)
		next = put_chain(&table, next, fat_clusters(s, f->files[i].content.size));
	r = extents_add_bytes(d, at, table.bytes, size, err);
	at += s->table * DISK_SECTOR;
	return r < 0 ? r : extents_add_bytes(d, at, table.bytes, size, err);
}

/* ---- directories ---- */

static uint32_t cluster_of(const struct fat *f, const struct fat_tree *t, const struct fat_entry *e)
{
	const struct fat_shape *s = &f->shape;

	if (!e->file)
		return t->dirs[e->child].cluster;
	if (e->file->content.size == 0)
		return 0;
	return (uint32_t)((e->file->at - s->data * DISK_SECTOR) / s->cluster) + FIRST;
}

/* The records of directory i; *entry is its first one, and then the next directory's. */
static int put_dir(const struct fat *f, const struct fat_tree *t, size_t i, size_t *entry,
	struct extents *d, struct werr **err)
{
	const struct fat_dir *dir = &t->dirs[i];
	size_t size = (size_t)dir_size(dir);
	unsigned char *records = extents_alloc(d, size), *to = records;
	uint64_t root = (f->shape.reserved + 2 * f->shape.table) * DISK_SECTOR;
	char label[FAT_SHORT + 1];

	if (i == 0 && f->label) {
		str_format(label, sizeof(label), "%-11s", f->label);
		to = fat_put_short(to, label, FAT_LABEL, 0, 0, f->time);
	} else if (i > 0) {
		/* The root is always cluster 0 there. */
		uint32_t parent = dir->parent ? t->dirs[dir->parent].cluster : 0;

		to = fat_put_short(to, ".          ", FAT_DIRECTORY, dir->cluster, 0, f->time);
		to = fat_put_short(to, "..         ", FAT_DIRECTORY, parent, 0, f->time);
	}
	for (; *entry < t->n_entries && t->entries[*entry].dir == i; ++*entry) {
		const struct fat_entry *e = &t->entries[*entry];

		to = fat_put_entry(to, e, cluster_of(f, t, e),
			e->file ? (uint32_t)e->file->content.size : 0, f->time);
	}
	return extents_add_bytes(
		d, dir->cluster ? at_of(&f->shape, dir->cluster) : root, records, size, err);
}

int fat_put(struct fat *f, struct extents *ret, struct werr **err)
{
	CLEANUP(fat_tree) struct fat_tree t = {0};
	CLEANUP(extents) struct extents d = {.size = f->size};
	size_t entry = 0;
	uint64_t next;
	int r = fat_tree_make(f, &t, err);

	if (r < 0)
		return r;
	next = set_places(f, &t);
	r = put_sectors(f, &d, next, err);
	if (r == 0)
		r = put_tables(f, &t, next, &d, err);
	for (size_t i = 0; r == 0 && i < t.n_dirs; i++)
		r = put_dir(f, &t, i, &entry, &d, err);
	for (size_t i = 0; r == 0 && i < f->n; i++)
		r = extents_move(&d, f->files[i].at, &f->files[i].content, err);
	if (r < 0)
		return r;
	*ret = d;
	d = (struct extents){0};
	return 0;
}
