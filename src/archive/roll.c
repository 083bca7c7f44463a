/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A roll is a line of numbers for each member, with the lengths of its path, its target and its
 * source, which follow it, and a line feed.
 */
#include "archive/roll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"

enum { LINE_MAX_BYTES = 512, ENTRY_MAX = 64 << 10, SOURCE_MAX = 4096, ROLL_MAX = 1 << 30 };

/* ---- writing ---- */

struct roll_archiver {
	struct archiver writer;
	struct writer *to;
	char *chunk;
};

static int hash_content(struct roll_archiver *a, struct reader *content,
	char ret[static SHA256_HEX + 1], struct werr **err)
{
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	size_t got = 1;
	int r = 0;

	while (r == 0 && got > 0 && content) {
		r = reader_read(content, a->chunk, IO_CHUNK, &got, err);
		if (r == 0)
			r = cancel_check(err);
		if (r == 0)
			sha256_add(h, a->chunk, got);
	}
	sha256_hex(h, ret);
	return r;
}

static size_t length(const char *text)
{
	return text ? strlen(text) : 0;
}

static int roll_add(struct archiver *w, const struct archive_member *e, struct reader *content,
	struct werr **err)
{
	struct roll_archiver *a = CONTAINER_OF(w, struct roll_archiver, writer);
	CLEANUP(buf) struct buf line = BUF_INIT(ENTRY_MAX);
	const struct tree_meta *m = e->meta;
	char hash[SHA256_HEX + 1] = "-";
	bool is_file = S_ISREG(m->mode);
	int r = is_file ? hash_content(a, content, hash, err) : 0;

	if (r < 0)
		return r;
	buf_printf(&line, "%o %u %u %lld %u %u %u %llu %llu %u %s %zu %zu %zu\n", m->mode, m->uid,
		m->gid, (long long)m->mtime, m->mtime_nsec, m->major, m->minor,
		is_file ? (unsigned long long)e->size : 0ULL, (unsigned long long)e->file_id,
		e->links, hash, length(e->path), length(e->target), length(e->source));
	buf_puts(&line, e->path);
	buf_puts(&line, e->target ? e->target : "");
	buf_puts(&line, e->source ? e->source : "");
	buf_putc(&line, '\n');
	if (buf_error(&line))
		return werr_set(err, WERR_LIMIT, "%.100s...: a name is too long", e->path);
	return writer_write(a->to, line.data, line.len, err);
}

static int roll_finish(ATTR_UNUSED struct archiver *w, ATTR_UNUSED struct werr **err)
{
	return 0;
}

static void roll_free(struct archiver *w)
{
	struct roll_archiver *a = CONTAINER_OF(w, struct roll_archiver, writer);

	free(a->chunk);
	free(a);
}

struct archiver *archiver_new_roll(struct writer *to)
{
	struct roll_archiver *a = mem_new(struct roll_archiver);

	a->writer = (struct archiver){.add = roll_add, .finish = roll_finish, .free = roll_free};
	a->to = to;
	a->chunk = mem_alloc(IO_CHUNK);
	return &a->writer;
}

/* ---- reading ---- */

/* The text of so many bytes at *p; owned by the caller. NULL: there are not so many. */
static char *take(const char **p, const char *end, size_t size, size_t max)
{
	char *text;

	if (size > max || size > (size_t)(end - *p) || memchr(*p, 0, size))
		return NULL;
	text = str_dup_n(*p, size);
	*p += size;
	return text;
}

struct numbers {
	unsigned mode, uid, gid, nsec, major, minor, links;
	long long mtime;
	unsigned long long size, file;
	char hash[SHA256_HEX + 1];
	size_t path, target, source;
};

static bool read_numbers(const char *line, struct numbers *n)
{
	int end = 0;

	return sscanf(line, "%o %u %u %lld %u %u %u %llu %llu %u %64s %zu %zu %zu%n", &n->mode,
		       &n->uid, &n->gid, &n->mtime, &n->nsec, &n->major, &n->minor, &n->size,
		       &n->file, &n->links, n->hash, &n->path, &n->target, &n->source,
		       &end) == 14 &&
	       line[end] == 0;
}

/* The entry at *p, which is moved behind it. 1: it is broken. */
static int read_entry(
	const char **p, const char *end, roll_visit *visit, void *ctx, struct werr **err)
{
	const char *feed = memchr(*p, '\n', (size_t)(end - *p));
	CLEANUP(free) char *line = NULL;
	CLEANUP(free) char *path = NULL;
	CLEANUP(free) char *target = NULL;
	CLEANUP(free) char *source = NULL;
	struct roll_entry e = {{0}};
	struct numbers n = {0};

	if (!feed || feed - *p > LINE_MAX_BYTES)
		return 1;
	line = str_dup_n(*p, (size_t)(feed - *p));
	*p = feed + 1;
	if (!read_numbers(line, &n))
		return 1;
	path = take(p, end, n.path, TREE_PATH_MAX);
	target = path ? take(p, end, n.target, TREE_TARGET_MAX) : NULL;
	source = target ? take(p, end, n.source, SOURCE_MAX) : NULL;
	if (!source || *p == end || **p != '\n')
		return 1;
	++*p;
	e.entry = (struct fill_entry){.path = path,
		.target = S_ISLNK(n.mode) ? target : NULL,
		.size = n.size,
		.file = n.file,
		.links = n.links};
	e.entry.meta = (struct tree_meta){.mode = n.mode,
		.uid = n.uid,
		.gid = n.gid,
		.mtime = n.mtime,
		.mtime_nsec = n.nsec,
		.major = n.major,
		.minor = n.minor};
	str_copy(e.sha256, sizeof(e.sha256), str_eq(n.hash, "-") ? "" : n.hash);
	e.source = *source ? source : NULL;
	return visit(&e, ctx, err);
}

int roll_read(struct reader *from, roll_visit *visit, void *ctx, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r = reader_read_all(from, ROLL_MAX, &text, &size, err);
	const char *p = text, *end = r == 0 ? text + size : NULL;

	while (r == 0 && p < end)
		r = read_entry(&p, end, visit, ctx, err);
	return r > 0 ? werr_set(err, WERR_CORRUPT, "what was kept of a part is broken") : r;
}
