/* SPDX-License-Identifier: Apache-2.0 */
#include "disk/fat-read.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/endian.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/utf8.h"
#include "disk/disk.h"
#include "disk/fat-format.h"

enum {
	WINDOW = 4096,                              /* bytes of the table that are read at once */
	DIRECTORY_MAX = FAT_FOUND_MAX * FAT_RECORD, /* bytes */
	NAME_PARTS = 20,                            /* records of a long name */
	PART_UNITS = 13,                            /* UTF-16 units in each */
	LAST_PART = 0x40,                           /* in its number: it comes first */
	SHORT_BASE = 8,
	END = 0xf8, /* the lowest end of a chain of the smallest kind, modulo its bits */
};

struct volume {
	struct bytes *bytes;
	unsigned bits;    /* of an entry of the table */
	uint64_t cluster; /* bytes */
	uint64_t table, root, data;
	uint64_t root_size;    /* of FAT12 and FAT16 */
	uint32_t root_cluster; /* of FAT32 */
	uint32_t clusters;     /* the first number that is too large */
	unsigned char window[WINDOW];
	uint64_t window_at;
	size_t window_size;
	fat_visit *visit;
	void *ctx;
	size_t found, depth;
	struct buf path;
};

static int not_a_fat(struct werr **err)
{
	return werr_set(err, WERR_INVALID, "it is no FAT");
}

static int broken(const char *what, struct werr **err)
{
	return werr_set(err, WERR_CORRUPT, "the FAT is broken: %s", what);
}

static uint32_t short_or_long(const unsigned char *b, size_t at_16, size_t at_32)
{
	return le16_get(b + at_16) ? le16_get(b + at_16) : le32_get(b + at_32);
}

static int open_volume(struct volume *v, struct werr **err)
{
	unsigned char b[DISK_SECTOR];
	uint64_t sector, tables, total, before, clusters;
	int r = bytes_read(v->bytes, 0, b, sizeof(b), err);

	if (r < 0)
		return r;
	sector = le16_get(b + FAT_SECTOR_AT);
	if (sector < DISK_SECTOR || sector > WINDOW || (sector & (sector - 1)) ||
		!b[FAT_CLUSTER_SIZE_AT] || !b[FAT_TABLES_AT] || !le16_get(b + FAT_RESERVED_AT))
		return not_a_fat(err);
	v->cluster = b[FAT_CLUSTER_SIZE_AT] * sector;
	tables = (uint64_t)b[FAT_TABLES_AT] * short_or_long(b, FAT_TABLE_16_AT, FAT_TABLE_32_AT);
	total = short_or_long(b, FAT_TOTAL_16_AT, FAT_TOTAL_32_AT) * sector;
	v->table = le16_get(b + FAT_RESERVED_AT) * sector;
	v->root = v->table + tables * sector;
	v->root_size = (uint64_t)le16_get(b + FAT_ROOT_RECORDS_AT) * FAT_RECORD;
	before = v->root + (v->root_size + sector - 1) / sector * sector;
	if (tables == 0 || total <= before)
		return not_a_fat(err);
	v->data = before;
	clusters = (total - before) / v->cluster;
	if (clusters >= FAT32_CLUSTERS)
		return not_a_fat(err);
	v->bits = clusters < FAT12_CLUSTERS ? 12 : clusters < FAT16_CLUSTERS ? 16 : 32;
	v->clusters = (uint32_t)clusters + FAT_FIRST_CLUSTER;
	v->root_cluster = v->bits == 32 ? le32_get(b + FAT_ROOT_CLUSTER_AT) : 0;
	return 0;
}

/* Four bytes of the table, of which the last may be behind its end. */
static int read_table(struct volume *v, uint64_t at, uint32_t *ret, struct werr **err)
{
	unsigned char four[4] = {0};
	int r = 0;

	if (!v->window_size || at < v->window_at || at + 4 > v->window_at + v->window_size) {
		v->window_at = at;
		r = bytes_read_some(v->bytes, at, v->window, WINDOW, &v->window_size, err);
	}
	if (r < 0)
		return r;
	if (v->window_size < 2)
		return broken("the table is cut short", err);
	memcpy(four, v->window + (at - v->window_at),
		v->window_at + v->window_size - at < 4 ? 2 : 4);
	*ret = le32_get(four);
	return 0;
}

/* *ret is 0 at the end of the chain. */
static int next_cluster(struct volume *v, uint32_t cluster, uint32_t *ret, struct werr **err)
{
	uint64_t bit = (uint64_t)cluster * v->bits;
	uint32_t mask = v->bits == 32 ? FAT32_MASK : (1U << v->bits) - 1;
	int r = read_table(v, v->table + bit / 8, ret, err);

	if (r < 0)
		return r;
	*ret = *ret >> bit % 8 & mask;
	if (*ret >= (mask & ~7U))
		*ret = 0;
	else if (*ret < FAT_FIRST_CLUSTER || *ret >= v->clusters)
		return broken("a chain of clusters leads nowhere", err);
	return 0;
}

/* ---- chains ---- */

struct runs {
	struct bytes_run *items;
	size_t n, cap;
	uint64_t size;
};

static void runs_cleanup(struct runs *r)
{
	free(r->items);
}

static void add_run(struct runs *r, uint64_t at, uint64_t size)
{
	struct bytes_run *last = r->n ? &r->items[r->n - 1] : NULL;

	r->size += size;
	if (last && last->at + last->size == at) {
		last->size += size;
		return;
	}
	mem_grow(&r->items, r->n, &r->cap, sizeof(*r->items));
	r->items[r->n++] = (struct bytes_run){at, size};
}

/* Follow a chain until it has `size` bytes; a directory (0) up to its end. */
static int follow(
	struct volume *v, uint32_t first, uint64_t size, struct runs *ret, struct werr **err)
{
	uint64_t most = size ? size : DIRECTORY_MAX;
	uint32_t cluster = first;
	int r = 0;

	if (cluster && (cluster < FAT_FIRST_CLUSTER || cluster >= v->clusters))
		return broken("a chain of clusters begins nowhere", err);
	while (r == 0 && cluster && ret->size < most) {
		add_run(ret, v->data + (uint64_t)(cluster - FAT_FIRST_CLUSTER) * v->cluster,
			v->cluster);
		r = cancel_check(err);
		if (r == 0)
			r = next_cluster(v, cluster, &cluster, err);
	}
	if (r < 0)
		return r;
	if (size == 0 && cluster)
		return werr_set(err, WERR_LIMIT, "a directory of the FAT is too large");
	return ret->size < size ? broken("a file is cut short", err) : 0;
}

/* ---- names ---- */

/* The units of a long name, whose parts come in reverse; 0: there is none. */
struct long_name {
	uint16_t units[NAME_PARTS * PART_UNITS];
	unsigned parts, left;
};

static void add_part(struct long_name *l, const unsigned char *e)
{
	static const unsigned char places[PART_UNITS] = {
		1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
	unsigned number = e[0] & (LAST_PART - 1);

	if (e[0] & LAST_PART)
		l->parts = l->left = number <= NAME_PARTS ? number : 0;
	if (number == 0 || l->left != number) {
		l->parts = l->left = 0;
		return;
	}
	l->left--;
	for (size_t i = 0; i < PART_UNITS; i++)
		l->units[l->left * PART_UNITS + i] = le16_get(e + places[i]);
}

static bool put_long(const struct long_name *l, struct buf *to)
{
	if (l->parts == 0 || l->left > 0)
		return false;
	for (size_t i = 0; i < (size_t)l->parts * PART_UNITS && l->units[i]; i++) {
		uint32_t point = l->units[i];
		uint32_t next = i + 1 < (size_t)l->parts * PART_UNITS ? l->units[i + 1] : 0;

		if (point >= 0xd800 && point < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
			point = 0x10000 + ((point - 0xd800) << 10) + (next - 0xdc00);
			i++;
		} else if (point >= 0xd800 && point < 0xe000) {
			point = 0xfffd;
		}
		utf8_put(to, point == '/' ? '_' : point);
	}
	return true;
}

static void put_short(const unsigned char *e, struct buf *to)
{
	for (size_t i = 0; i < FAT_SHORT; i++) {
		if (i == SHORT_BASE && e[i] != ' ')
			buf_putc(to, '.');
		if (e[i] != ' ')
			buf_putc(to, e[i] < 0x80 && e[i] > ' ' && e[i] != '/' ? (char)e[i] : '_');
	}
}

/* ---- directories ---- */

static int read_directory(struct volume *v, const struct runs *where, struct werr **err);

static int visit_file(struct volume *v, const unsigned char *e, struct werr **err)
{
	CLEANUP(runs) struct runs runs = {0};
	struct fat_found f = {.path = buf_str(&v->path),
		.is_directory = e[FAT_ATTRIBUTES_AT] & FAT_DIRECTORY,
		.size = le32_get(e + FAT_SIZE_AT)};
	uint32_t first = le16_get(e + FAT_CLUSTER_LOW_AT) |
			 (v->bits == 32 ? (uint32_t)le16_get(e + FAT_CLUSTER_HIGH_AT) << 16 : 0);
	int r = 0;

	if (++v->found > FAT_FOUND_MAX || v->depth >= FAT_DEPTH_MAX)
		return werr_set(err, WERR_LIMIT, "the FAT has too many files");
	if (f.is_directory)
		f.size = 0;
	if (f.is_directory || f.size)
		r = follow(v, first, f.size, &runs, err);
	if (r == 0 && !f.is_directory) {
		f.runs = runs.items;
		f.n = runs.n;
	}
	if (r == 0)
		r = v->visit(&f, v->ctx, err);
	if (r < 0 || !f.is_directory)
		return r;
	v->depth++;
	r = read_directory(v, &runs, err);
	v->depth--;
	return r;
}

static int visit_record(
	struct volume *v, const unsigned char *e, const struct long_name *l, struct werr **err)
{
	size_t start = v->path.len;
	int r;

	if (start)
		buf_putc(&v->path, '/');
	if (!put_long(l, &v->path))
		put_short(e, &v->path);
	r = buf_error(&v->path) ? werr_set(err, WERR_LIMIT, "a path in the FAT is too long")
				: visit_file(v, e, err);
	buf_truncate(&v->path, start);
	return r;
}

static int read_records(
	struct volume *v, const unsigned char *records, size_t size, struct werr **err)
{
	struct long_name l = {0};
	int r = 0;

	for (size_t at = 0; r == 0 && at + FAT_RECORD <= size && records[at]; at += FAT_RECORD) {
		const unsigned char *e = records + at;
		unsigned attributes = e[FAT_ATTRIBUTES_AT];

		if (e[0] != FAT_DELETED && (attributes & FAT_LONG) == FAT_LONG) {
			add_part(&l, e);
			continue;
		}
		if (e[0] != FAT_DELETED && e[0] != '.' && !(attributes & FAT_LABEL))
			r = visit_record(v, e, &l, err);
		l.parts = 0;
	}
	return r;
}

static int read_directory(struct volume *v, const struct runs *where, struct werr **err)
{
	CLEANUP(bytes) struct bytes *b = bytes_of_runs(v->bytes, where->items, where->n);
	CLEANUP(free) unsigned char *records = mem_alloc((size_t)b->size + 1);
	int r = bytes_read(b, 0, records, (size_t)b->size, err);

	return r < 0 ? r : read_records(v, records, (size_t)b->size, err);
}

int fat_read(struct bytes *b, fat_visit *visit, void *ctx, struct werr **err)
{
	struct volume v = {.bytes = b, .visit = visit, .ctx = ctx};
	CLEANUP(runs) struct runs root = {0};
	int r = open_volume(&v, err);

	if (r < 0)
		return r;
	v.path = BUF_INIT(PATH_MAX_BYTES);
	if (v.bits == 32)
		r = follow(&v, v.root_cluster, 0, &root, err);
	else
		add_run(&root, v.root, v.root_size);
	if (r == 0)
		r = read_directory(&v, &root, err);
	buf_clear(&v.path);
	return r;
}

bool fat_is(struct bytes *b)
{
	struct volume v = {.bytes = b};
	unsigned char jump;

	return bytes_read(b, 0, &jump, 1, NULL) == 0 && (jump == 0xeb || jump == 0xe9) &&
	       open_volume(&v, NULL) == 0;
}
