/* SPDX-License-Identifier: Apache-2.0 */
#include "build/tar-index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

enum { BLOCK = 512, TAR_END = 2 * BLOCK };

/* The ustar header's fields, by their place. */
enum {
	NAME = 0,
	NAME_SIZE = 100,
	SIZE = 124,
	SIZE_SIZE = 12,
	CHECKSUM = 148,
	CHECKSUM_SIZE = 8,
	TYPE = 156,
	MAGIC = 257,
	PREFIX = 345,
	PREFIX_SIZE = 155,
};

/* An entry while its headers are read. */
struct entry {
	uint64_t start; /* of its first header */
	char *path, *source, *location;
	bool sized; /* by a record */
	uint64_t size;
};

static void entry_cleanup(struct entry *e)
{
	free(e->path);
	free(e->source);
	free(e->location);
	*e = (struct entry){0};
}

struct scan {
	struct tar_index *index;
	const char *name, *wanted;
	uint64_t at, end;
	unsigned char block[BLOCK];
	struct entry entry;
};

static int broken(const struct scan *s, const char *what, struct werr **err)
{
	return werr_set(err, WERR_CORRUPT, "%s: the tar is broken: %s at byte %llu", s->name, what,
		(unsigned long long)s->at);
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

static bool checksum_is_right(const unsigned char *block)
{
	uint64_t sum = 0, told = 0;

	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= CHECKSUM && i < CHECKSUM + CHECKSUM_SIZE ? ' ' : block[i];
	return number(block + CHECKSUM, CHECKSUM_SIZE, &told) && told == sum;
}

static int read_at(const struct scan *s, void *p, size_t size, struct werr **err)
{
	CLEANUP(reader)
	struct reader *r = range_reader_new(s->index->fd, false, s->name, s->at, size);

	return reader_read_full(r, p, size, err);
}

/* ---- records ---- */

static void keep(char **dst, const char *value, size_t size)
{
	free(*dst);
	*dst = str_dup_n(value, size);
}

static bool keep_record(struct entry *e, const char *key, const char *value, size_t size)
{
	CLEANUP(free) char *text = NULL;

	if (str_eq(key, "path"))
		keep(&e->path, value, size);
	else if (str_eq(key, "LINUXKIT.source"))
		keep(&e->source, value, size);
	else if (str_eq(key, "LINUXKIT.location"))
		keep(&e->location, value, size);
	if (!str_eq(key, "size"))
		return true;
	text = str_dup_n(value, size);
	e->sized = true;
	return str_to_u64(text, 10, &e->size) == 0;
}

/* "LENGTH key=value\n", one behind the other. */
static bool read_records(struct entry *e, const char *p, size_t left)
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

/* What stands between a header that tells of the next one and that next one. */
static int read_extension(struct scan *s, char type, uint64_t size, struct werr **err)
{
	CLEANUP(free) char *body = NULL;
	int r;

	if (size > TAR_RECORDS_MAX)
		return werr_set(err, WERR_LIMIT, "%s: an entry's attributes are larger than %d MiB",
			s->name, TAR_RECORDS_MAX >> 20);
	body = mem_alloc((size_t)size + 1);
	r = read_at(s, body, (size_t)size, err);
	if (r < 0)
		return r;
	if (type == 'x' && !read_records(&s->entry, body, (size_t)size))
		return broken(s, "bad records", err);
	if (type == 'L')
		keep(&s->entry.path, body, strlen(body));
	return 0;
}

/* ---- units ---- */

static bool is_unit(const struct tar_unit *u, const char *source, const char *location)
{
	return str_eq(u->source, source) && str_eq(u->location, location);
}

static struct tar_unit *find_unit(
	const struct tar_index *t, const char *source, const char *location)
{
	/* Most entries belong to the unit of the one before. */
	for (size_t i = t->n; i-- > 0;)
		if (is_unit(&t->units[i], source, location))
			return &t->units[i];
	return NULL;
}

static int add_to_unit(struct scan *s, uint64_t end, struct werr **err)
{
	struct tar_index *t = s->index;
	struct entry *e = &s->entry;
	struct tar_unit *u = find_unit(t, e->source, e->location);
	struct io_range *last;

	if (!u) {
		if (t->n == TAR_UNITS_MAX)
			return werr_set(err, WERR_LIMIT, "%s comes from more than %d places",
				s->name, TAR_UNITS_MAX);
		mem_grow(&t->units, t->n, &t->cap, sizeof(*t->units));
		u = &t->units[t->n++];
		u->source = STEAL(e->source);
		u->location = STEAL(e->location);
	}
	last = u->n ? &u->ranges[u->n - 1] : NULL;
	if (last && last->offset + last->size == e->start) {
		last->size = end - last->offset;
		return 0;
	}
	mem_grow(&u->ranges, u->n, &u->cap, sizeof(*u->ranges));
	u->ranges[u->n++] = (struct io_range){t->fd, e->start, end - e->start};
	return 0;
}

/* ---- headers ---- */

static char *header_path(const unsigned char *block)
{
	const char *p = (const char *)block;
	CLEANUP(free) char *name = str_dup_n(p + NAME, strnlen(p + NAME, NAME_SIZE));
	CLEANUP(free) char *prefix = str_dup_n(p + PREFIX, strnlen(p + PREFIX, PREFIX_SIZE));

	if (memcmp(p + MAGIC, "ustar", 6) != 0 || !*prefix)
		return STEAL(name);
	return str_printf("%s/%s", prefix, name);
}

static bool is_wanted(const struct scan *s)
{
	CLEANUP(free) char *path = s->entry.path ? str_dup(s->entry.path) : header_path(s->block);
	CLEANUP(free) char *inside = path_inside(path);

	return !s->index->has_wanted && inside && str_eq(inside, s->wanted);
}

static bool has_content(char type)
{
	return !strchr("123456", type) || !type;
}

static int end_entry(struct scan *s, char type, uint64_t size, uint64_t end, struct werr **err)
{
	int r = 0;

	if (has_content(type) && is_wanted(s)) {
		s->index->wanted = (struct io_range){s->index->fd, s->at, size};
		s->index->has_wanted = true;
	}
	if (s->entry.source && s->entry.location)
		r = add_to_unit(s, end, err);
	entry_cleanup(&s->entry);
	s->entry.start = end;
	return r;
}

/* The header in the block, and what is behind it. */
static int read_header(struct scan *s, struct werr **err)
{
	char type = (char)s->block[TYPE];
	bool extension = type && strchr("xgLK", type);
	uint64_t size = 0, end;
	int r;

	if (!checksum_is_right(s->block) || !number(s->block + SIZE, SIZE_SIZE, &size))
		return broken(s, "no header", err);
	if (type == 'S')
		return werr_set(
			err, WERR_UNSUPPORTED, "%s has sparse files in GNU's old format", s->name);
	s->at += BLOCK;
	if (!extension && s->entry.sized)
		size = s->entry.size;
	if (!extension && !has_content(type))
		size = 0;
	if (size > s->end - s->at || (BLOCK - size % BLOCK) % BLOCK > s->end - s->at - size)
		return broken(s, "it is cut", err);
	end = s->at + size + (BLOCK - size % BLOCK) % BLOCK;
	r = extension ? read_extension(s, type, size, err) : end_entry(s, type, size, end, err);
	s->at = end;
	/* What a global header tells is no business of single entries. */
	if (type == 'g')
		s->entry.start = end;
	return r;
}

/* Up to the block of zeros that ends a tar: without it, entries may be missing. */
static int scan_all(struct scan *s, struct werr **err)
{
	static const unsigned char zeros[BLOCK];
	int r = 0;

	while (r == 0) {
		r = cancel_check(err);
		if (r == 0 && s->end - s->at < BLOCK)
			r = broken(s, "it is cut", err);
		if (r == 0)
			r = read_at(s, s->block, BLOCK, err);
		if (r == 0 && memcmp(s->block, zeros, BLOCK) == 0)
			break;
		if (r == 0)
			r = read_header(s, err);
	}
	return r;
}

int tar_index_read(
	int fd, const char *name, const char *wanted, struct tar_index **ret, struct werr **err)
{
	CLEANUP(tar_index) struct tar_index *t = mem_new(struct tar_index);
	struct scan s = {.index = t, .name = name, .wanted = wanted};
	struct stat st;
	int r;

	t->fd = fd;
	if (fstat(fd, &st) < 0)
		return werr_errno(err, errno, "can't read %s", name);
	if (!S_ISREG(st.st_mode))
		return werr_set(err, WERR_INVALID, "%s is no file", name);
	s.end = (uint64_t)st.st_size;
	r = scan_all(&s, err);
	entry_cleanup(&s.entry);
	if (r == 0)
		*ret = STEAL(t);
	return r;
}

void tar_index_free(struct tar_index *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->units[i].source);
		free(t->units[i].location);
		free(t->units[i].ranges);
	}
	free(t->units);
	fd_cleanup(&t->fd);
	free(t);
}

bool tar_index_has(const struct tar_index *t, const char *source, const char *location)
{
	return find_unit(t, source, location) != NULL;
}

struct reader *tar_index_open(const struct tar_index *t, const char *source, const char *location)
{
	const struct tar_unit *u = find_unit(t, source, location);

	return u ? ranges_reader_new(u->ranges, u->n, TAR_END) : NULL;
}
