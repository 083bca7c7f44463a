/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/endian.h"
#include "base/mem.h"

#define MAGIC "SQLite format 3"
enum {
	HEADER_SIZE = 100,
	PAGE_SIZE_MIN = 512,
	INTERIOR = 5,
	LEAF = 13,
	VARINT_MAX = 9,
	BLOB_FIRST = 12,
};

struct database {
	const struct io_range *file;
	size_t page_size, usable;
	uint64_t pages, left; /* how many there are; how many may still be read */
	uint64_t bytes_left;  /* that rows may still have in pages of a table */
	sqlite_visit *visit;
	void *ctx;
};

static int broken(struct werr **err, const char *what)
{
	return werr_set(err, WERR_CORRUPT, "broken SQLite database: %s", what);
}

static int read_header(struct database *d, struct werr **err)
{
	unsigned char h[HEADER_SIZE];
	int r = d->file->size < sizeof(h) ? broken(err, "it is too short")
					  : fd_read_at(d->file->fd, "the database", d->file->offset,
						    h, sizeof(h), err);

	if (r < 0)
		return r;
	if (memcmp(h, MAGIC, sizeof(MAGIC)) != 0)
		return broken(err, "it does not begin as one");
	d->page_size = be16_get(h + 16) == 1 ? 1 << 16 : be16_get(h + 16);
	if (d->page_size < PAGE_SIZE_MIN || (d->page_size & (d->page_size - 1)))
		return broken(err, "the size of its pages");
	d->usable = d->page_size - h[20];
	if (d->usable < PAGE_SIZE_MIN - 32)
		return broken(err, "the size of its pages");
	d->pages = d->left = d->file->size / d->page_size;
	d->bytes_left = d->file->size;
	return 0;
}

/* Pages have numbers from 1. */
static int read_page(struct database *d, uint64_t number, unsigned char *page, struct werr **err)
{
	int r;

	if (number == 0 || number > d->pages)
		return broken(err, "a page is beyond its end");
	if (d->left == 0)
		return broken(err, "its pages lead around in a circle");
	d->left--;
	r = cancel_check(err);
	return r < 0 ? r
		     : fd_read_at(d->file->fd, "the database",
			       d->file->offset + (number - 1) * d->page_size, page, d->page_size,
			       err);
}

/* Move *at behind the number; false when it does not end before `end`. */
static bool take_varint(const unsigned char **at, const unsigned char *end, uint64_t *ret)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < VARINT_MAX && *at < end; i++) {
		unsigned char c = *(*at)++;

		if (i == VARINT_MAX - 1) {
			*ret = v << 8 | c;
			return true;
		}
		v = v << 7 | (c & 0x7f);
		if (!(c & 0x80)) {
			*ret = v;
			return true;
		}
	}
	return false;
}

static size_t integer_size(uint64_t type)
{
	static const unsigned char sizes[] = {0, 1, 2, 3, 4, 6, 8, 8};

	return type < ARRAY_SIZE(sizes) ? sizes[type] : 0;
}

static int64_t integer(const unsigned char *p, size_t size)
{
	uint64_t v = size && (p[0] & 0x80) ? UINT64_MAX : 0;

	for (size_t i = 0; i < size; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

/* A value of a serial type whose bytes begin at *body. */
static bool take_value(uint64_t type, const unsigned char **body, const unsigned char *end,
	struct sqlite_value *ret)
{
	uint64_t size = type < BLOB_FIRST ? integer_size(type) : (type - BLOB_FIRST) / 2;

	if (size > (uint64_t)(end - *body))
		return false;
	*ret = (struct sqlite_value){.p = *body, .size = (size_t)size};
	if (type >= BLOB_FIRST)
		ret->type = type % 2 ? SQLITE_TEXT : SQLITE_BLOB;
	else if (type == 7)
		ret->type = SQLITE_FLOAT;
	else if (type != 0)
		ret->type = SQLITE_INTEGER;
	if (ret->type == SQLITE_INTEGER)
		ret->number = type == 9 ? 1 : integer(*body, (size_t)size);
	*body += size;
	return true;
}

static int visit_row(
	const struct database *d, const unsigned char *row, size_t size, struct werr **err)
{
	struct sqlite_value values[SQLITE_COLUMNS_MAX] = {0};
	const unsigned char *at = row, *end = row + size, *body;
	uint64_t header, type;
	size_t n = 0;

	if (!take_varint(&at, end, &header) || header > size)
		return broken(err, "the header of a row");
	body = row + header;
	while (at < row + header && n < SQLITE_COLUMNS_MAX)
		if (!take_varint(&at, row + header, &type) ||
			!take_value(type, &body, end, &values[n++]))
			return broken(err, "a value of a row");
	return d->visit(values, n, d->ctx, err);
}

/* How many bytes of a row are in the page itself ("B-tree Pages", table leaves). */
static size_t local_size(const struct database *d, size_t size)
{
	size_t max = d->usable - 35, min = (d->usable - 12) * 32 / 255 - 23, local;

	if (size <= max)
		return size;
	local = min + (size - min) % (d->usable - 4);
	return local <= max ? local : min;
}

/* The rest of a row is in a chain of pages. */
static int read_rest(
	struct database *d, uint64_t number, unsigned char *p, size_t size, struct werr **err)
{
	CLEANUP(free) unsigned char *page = mem_alloc(d->page_size);

	while (size > 0) {
		size_t n = size < d->usable - 4 ? size : d->usable - 4;
		int r = read_page(d, number, page, err);

		if (r < 0)
			return r;
		memcpy(p, page + 4, n);
		number = be32_get(page);
		p += n;
		size -= n;
	}
	return 0;
}

/* No byte is in two rows, so all of them together are not larger than the file. */
static int count_row(struct database *d, size_t size, struct werr **err)
{
	if (size > d->bytes_left)
		return broken(err, "its rows overlap");
	d->bytes_left -= size;
	return cancel_check(err);
}

static int read_row(
	struct database *d, const unsigned char *at, const unsigned char *end, struct werr **err)
{
	CLEANUP(free) unsigned char *row = NULL;
	uint64_t size, number;
	size_t local;
	int r;

	if (!take_varint(&at, end, &size) || !take_varint(&at, end, &number))
		return broken(err, "a cell");
	if (size > SQLITE_ROW_MAX)
		return werr_set(err, WERR_LIMIT, "a row of more than %d bytes", SQLITE_ROW_MAX);
	local = local_size(d, (size_t)size);
	if (local > (size_t)(end - at) || (local < size && (size_t)(end - at) < local + 4))
		return broken(err, "a cell");
	r = count_row(d, local, err);
	if (r < 0)
		return r;
	if (local == size)
		return visit_row(d, at, local, err);
	row = mem_alloc((size_t)size);
	memcpy(row, at, local);
	r = read_rest(d, be32_get(at + local), row + local, (size_t)size - local, err);
	return r < 0 ? r : visit_row(d, row, (size_t)size, err);
}

static int walk(struct database *d, uint64_t number, unsigned depth, struct werr **err)
{
	CLEANUP(free) unsigned char *page = mem_alloc(d->page_size);
	const unsigned char *h = page + (number == 1 ? HEADER_SIZE : 0), *end = page + d->usable;
	int r = depth > SQLITE_DEPTH_MAX ? broken(err, "it is too deep")
					 : read_page(d, number, page, err);
	bool leaf;
	const unsigned char *cells;
	size_t n;

	if (r < 0)
		return r;
	leaf = h[0] == LEAF;
	cells = h + (leaf ? 8 : 12);
	n = be16_get(h + 3);
	if ((!leaf && h[0] != INTERIOR) || 2 * n > (size_t)(end - cells))
		return broken(err, "a page of a table");
	for (size_t i = 0; r == 0 && i < n; i++) {
		size_t offset = be16_get(cells + 2 * i);

		if (offset + 4 > d->usable)
			return broken(err, "a cell is outside of its page");
		r = leaf ? read_row(d, page + offset, end, err)
			 : walk(d, be32_get(page + offset), depth + 1, err);
	}
	return r == 0 && !leaf ? walk(d, be32_get(h + 8), depth + 1, err) : r;
}

struct search {
	const char *table;
	uint64_t root;
};

/* A sqlite_visit of sqlite_schema: type, name, tbl_name, rootpage, sql. */
static int find_table(
	const struct sqlite_value *v, size_t n, void *ctx, ATTR_UNUSED struct werr **err)
{
	struct search *s = ctx;
	size_t size = strlen(s->table);

	if (n >= 4 && v[0].size == 5 && memcmp(v[0].p, "table", 5) == 0 && v[1].size == size &&
		memcmp(v[1].p, s->table, size) == 0 && v[3].type == SQLITE_INTEGER)
		s->root = (uint64_t)v[3].number;
	return 0;
}

int sqlite_read_table(const struct io_range *file, const char *table, sqlite_visit *visit,
	void *ctx, struct werr **err)
{
	struct search search = {.table = table};
	struct database d = {.file = file, .visit = find_table, .ctx = &search};
	int r = read_header(&d, err);

	if (r == 0)
		r = walk(&d, 1, 0, err);
	if (r == 0 && search.root == 0)
		r = broken(err, "a table is missing");
	if (r != 0)
		return r;
	d.visit = visit;
	d.ctx = ctx;
	d.left = d.pages;
	d.bytes_left = file->size;
	return walk(&d, search.root, 0, err);
}
