/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/cpio-read.h"

#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"

enum { BUFFER = 256 << 10, ALIGN = 4, MAGIC = 6, FIELDS = 13, DIGITS = 8 };
#define TRAILER "TRAILER!!!"

enum field {
	F_INO,
	F_MODE,
	F_UID,
	F_GID,
	F_LINKS,
	F_TIME,
	F_SIZE,
	F_DEVICE_MAJOR,
	F_DEVICE_MINOR,
	F_MAJOR,
	F_MINOR,
	F_NAME_SIZE,
};

struct source {
	struct reader *from;
	char *buffer; /* BUFFER bytes, of which n are there from `at` on */
	size_t at, n;
	uint64_t offset; /* of the next byte */
	bool ended;
};

/* Have size bytes in the buffer, or all that there are. */
static int fill(struct source *s, size_t size, struct werr **err)
{
	if (s->n < size) {
		memmove(s->buffer, s->buffer + s->at, s->n);
		s->at = 0;
	}
	while (s->n < size && !s->ended) {
		size_t got = 0;
		int r = reader_read(s->from, s->buffer + s->n, BUFFER - s->n, &got, err);

		if (r < 0)
			return r;
		s->ended = got == 0;
		s->n += got;
	}
	return 0;
}

static void take(struct source *s, size_t n)
{
	s->at += n;
	s->n -= n;
	s->offset += n;
}

static int truncated(struct werr **err)
{
	return werr_set(err, WERR_CORRUPT, "the archive is truncated");
}

/* Exactly so many, at most BUFFER. */
static int need(struct source *s, size_t size, struct werr **err)
{
	int r = fill(s, size, err);

	return r == 0 && s->n < size ? truncated(err) : r;
}

static int skip(struct source *s, uint64_t size, struct werr **err)
{
	while (size > 0) {
		size_t n;
		int r = s->n ? 0 : need(s, 1, err);

		if (r == 0)
			r = cancel_check(err);
		if (r < 0)
			return r;
		n = size < s->n ? (size_t)size : s->n;
		take(s, n);
		size -= n;
	}
	return 0;
}

/* From the beginning of an archive all of it is aligned. */
static int skip_padding(struct source *s, uint64_t start, struct werr **err)
{
	return skip(s, (ALIGN - (s->offset - start) % ALIGN) % ALIGN, err);
}

/* ---- what an entry has ---- */

struct content {
	struct reader reader;
	struct source *source;
	uint64_t left;
};

static int content_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct content *c = CONTAINER_OF(r, struct content, reader);
	size_t n = size < c->left ? size : (size_t)c->left;
	int res = n && !c->source->n ? need(c->source, 1, err) : 0;

	if (res < 0)
		return res;
	n = n < c->source->n ? n : c->source->n;
	memcpy(p, c->source->buffer + c->source->at, n);
	take(c->source, n);
	c->left -= n;
	*got = n;
	return 0;
}

static void content_free(ATTR_UNUSED struct reader *r)
{
}

static bool get_field(const char *p, uint32_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < DIGITS; i++) {
		unsigned char c = (unsigned char)(p[i] | 0x20);

		if (c >= '0' && c <= '9')
			*ret = *ret << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*ret = *ret << 4 | (uint32_t)(c - 'a' + 10);
		else
			return false;
	}
	return true;
}

static bool is_magic(const char *p)
{
	return memcmp(p, "070701", MAGIC) == 0 || memcmp(p, "070702", MAGIC) == 0;
}

static int broken(const struct source *s, const char *what, struct werr **err)
{
	return werr_set(err, WERR_CORRUPT, "%s at byte %llu of the archives", what,
		(unsigned long long)s->offset);
}

static int read_header(struct source *s, uint32_t f[static FIELDS], struct werr **err)
{
	int r = need(s, CPIO_HEADER, err);

	if (r < 0)
		return r;
	if (!is_magic(s->buffer + s->at))
		return broken(s, "no header of a cpio archive", err);
	for (size_t i = 0; i < FIELDS; i++)
		if (!get_field(s->buffer + s->at + MAGIC + i * DIGITS, &f[i]))
			return broken(s, "a broken header", err);
	if (f[F_NAME_SIZE] == 0 || f[F_NAME_SIZE] > CPIO_PATH_MAX + 1)
		return werr_set(err, WERR_LIMIT, "a name has %u bytes", f[F_NAME_SIZE]);
	take(s, CPIO_HEADER);
	return 0;
}

/* A text of so many bytes, with or without its NUL; owned by the caller. */
static int read_text(struct source *s, size_t size, char **ret, struct werr **err)
{
	int r = need(s, size, err);

	if (r < 0)
		return r;
	*ret = str_dup_n(s->buffer + s->at, size);
	take(s, size);
	return 0;
}

static void set_entry(struct fill_entry *e, const uint32_t f[static FIELDS], const char *path)
{
	e->path = path;
	e->meta = (struct tree_meta){
		.mode = f[F_MODE],
		.uid = f[F_UID],
		.gid = f[F_GID],
		.mtime = f[F_TIME],
		.major = f[F_MAJOR],
		.minor = f[F_MINOR],
	};
	if (!S_ISCHR(e->meta.mode) && !S_ISBLK(e->meta.mode))
		e->meta.major = e->meta.minor = 0;
	e->size = S_ISREG(e->meta.mode) ? f[F_SIZE] : 0;
	e->links = f[F_LINKS];
	e->file = (((uint64_t)f[F_DEVICE_MAJOR] << 8 | f[F_DEVICE_MINOR]) << 32) ^ f[F_INO];
}

static int visit_entry(struct source *s, struct fill_entry *e, uint64_t size, fill_visit *visit,
	void *ctx, struct werr **err)
{
	struct content content = {{content_read, content_free}, s, size};
	CLEANUP(free) char *target = NULL;
	int r = 0;

	if (S_ISLNK(e->meta.mode)) {
		if (size > TREE_TARGET_MAX)
			return werr_set(err, WERR_LIMIT, "a symlink's target is too long");
		r = read_text(s, (size_t)size, &target, err);
		content.left = 0;
		e->target = target;
	}
	if (r == 0)
		r = visit(e, S_ISREG(e->meta.mode) ? &content.reader : NULL, ctx, err);
	if (r < 0) {
		werr_wrap(err, "%.300s", e->path);
		return r;
	}
	return skip(s, content.left, err);
}

/* *ret_end: it was the last one of its archive, which begins at `start`. */
static int read_entry(struct source *s, uint64_t start, fill_visit *visit, void *ctx, bool *ret_end,
	struct werr **err)
{
	struct fill_entry e = {.begins_archive = s->offset == start};
	uint32_t fields[FIELDS];
	CLEANUP(free) char *path = NULL;
	int r = read_header(s, fields, err);

	if (r == 0)
		r = read_text(s, fields[F_NAME_SIZE], &path, err);
	if (r == 0)
		r = skip_padding(s, start, err);
	if (r < 0)
		return r;
	*ret_end = str_eq(path, TRAILER);
	set_entry(&e, fields, path);
	r = *ret_end ? skip(s, fields[F_SIZE], err)
		     : visit_entry(s, &e, fields[F_SIZE], visit, ctx, err);
	/* The end of the last archive may lack its padding. */
	return r < 0 || *ret_end ? r : skip_padding(s, start, err);
}

static int skip_zeros(struct source *s, struct werr **err)
{
	int r = fill(s, 1, err);

	while (r == 0 && s->n > 0 && s->buffer[s->at] == 0) {
		take(s, 1);
		if (s->n == 0)
			r = fill(s, 1, err);
	}
	return r;
}

static int read_all(
	struct source *s, fill_visit *visit, void *ctx, uint64_t *ret_used, struct werr **err)
{
	for (bool first = true;; first = false) {
		uint64_t start;
		bool end = false;
		int r = skip_zeros(s, err);

		if (r == 0)
			r = fill(s, MAGIC, err);
		*ret_used = start = s->offset;
		if (r < 0 || s->n == 0 ||
			(!first && (s->n < MAGIC || !is_magic(s->buffer + s->at))))
			return r;
		while (r == 0 && !end)
			r = read_entry(s, start, visit, ctx, &end, err);
		if (r < 0)
			return r;
	}
}

int cpio_read(
	struct reader *from, fill_visit *visit, void *ctx, uint64_t *ret_used, struct werr **err)
{
	CLEANUP(free) char *buffer = mem_alloc(BUFFER);
	struct source s = {.from = from, .buffer = buffer};

	return read_all(&s, visit, ctx, ret_used, err);
}
