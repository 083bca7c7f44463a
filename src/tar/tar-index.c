/* SPDX-License-Identifier: Apache-2.0 */
#include "tar/tar-index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "tar/tar-header.h"

struct scan {
	struct tar_index *index;
	const char *name, *wanted;
	uint64_t at, end;
	struct ustar header;
	struct tar_head head;
};

static int broken(const struct scan *s, const char *what, struct werr **err)
{
	return werr_set(err, WERR_CORRUPT, "%s: the tar is broken: %s at byte %llu", s->name, what,
		(unsigned long long)s->at);
}

static int read_at(const struct scan *s, void *p, size_t size, struct werr **err)
{
	return fd_read_at(s->index->fd, s->name, s->at, p, size, err);
}

/* Read the body of a header that extends the next one. */
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
	if (type == 'x' && !tar_records_read(&s->head, body, (size_t)size))
		return broken(s, "bad records", err);
	if (type == 'L')
		str_replace(&s->head.path, body);
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
	struct tar_head *e = &s->head;
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

static bool is_wanted(const struct scan *s)
{
	CLEANUP(free)
	char *path = s->head.path ? str_dup(s->head.path) : ustar_path(&s->header);
	CLEANUP(free) char *inside = path_inside(path);

	return !s->index->has_wanted && inside && str_eq(inside, s->wanted);
}

static int end_entry(struct scan *s, char type, uint64_t size, uint64_t end, struct werr **err)
{
	int r = 0;

	if (tar_has_content(type) && is_wanted(s)) {
		s->index->wanted = (struct io_range){s->index->fd, s->at, size};
		s->index->has_wanted = true;
	}
	if (s->head.source && s->head.location)
		r = add_to_unit(s, end, err);
	tar_head_cleanup(&s->head);
	s->head.start = end;
	return r;
}

/* Handle the header that was read, and skip or read what follows it. */
static int read_header(struct scan *s, struct werr **err)
{
	struct tar_header header;
	bool extension;
	uint64_t size, end;
	char type;
	int r;

	if (!tar_header_read(&s->header, &header))
		return broken(s, "not a header", err);
	type = header.type;
	size = header.size;
	extension = type && strchr("xgLK", type);
	if (type == 'S')
		return werr_set(
			err, WERR_UNSUPPORTED, "%s has sparse files in GNU's old format", s->name);
	s->at += TAR_BLOCK;
	if (!extension && s->head.sized)
		size = s->head.size;
	if (!extension && !tar_has_content(type))
		size = 0;
	if (size > s->end - s->at || tar_padding(size) > s->end - s->at - size)
		return broken(s, "it is truncated", err);
	end = s->at + size + tar_padding(size);
	r = extension ? read_extension(s, type, size, err) : end_entry(s, type, size, end, err);
	s->at = end;
	/* A global header does not belong to the entry that follows it. */
	if (type == 'g')
		s->head.start = end;
	return r;
}

/* Read up to the block of zeros that ends a tar; without that, entries may be missing. */
static int scan_all(struct scan *s, struct werr **err)
{
	static const struct ustar zeros;
	int r = 0;

	while (r == 0) {
		r = cancel_check(err);
		if (r == 0 && s->end - s->at < TAR_BLOCK)
			r = broken(s, "it is truncated", err);
		if (r == 0)
			r = read_at(s, &s->header, sizeof(s->header), err);
		if (r == 0 && memcmp(&s->header, &zeros, sizeof(zeros)) == 0)
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
		return werr_set(err, WERR_INVALID, "%s is not a regular file", name);
	s.end = (uint64_t)st.st_size;
	r = scan_all(&s, err);
	tar_head_cleanup(&s.head);
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
