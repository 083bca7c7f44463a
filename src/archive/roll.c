/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A roll is a line of numbers for each member, with the lengths of its path, its target and its
 * source, which follow it, then its xattrs, each after a line with the lengths of its name and its
 * value, and a line feed. The last line has the sums, and always the same length.
 */
#include "archive/roll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"

enum {
	LINE_MAX_BYTES = 512,
	ENTRY_MAX = TREE_XATTRS_MAX * (TREE_XATTR_SIZE_MAX + LINE_MAX_BYTES) + (64 << 10),
	SOURCE_MAX = 4096,
	ROLL_MAX = 1 << 30,
	NUMBERS = 15,
};
#define SUMS_FORMAT "sums %20llu %20llu\n"
enum { SUMS_SIZE = 47 };

/* ---- writing ---- */

struct roll_archiver {
	struct archiver writer;
	struct writer *to;
	char *chunk; /* NULL: bytes are not hashed */
	struct roll_sums sums;
	uint64_t counted; /* the last file with several names whose size was counted */
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

static void put_xattrs(struct buf *out, const struct tree_meta *m)
{
	for (uint32_t i = 0; i < m->n_xattrs; i++) {
		const struct tree_xattr *x = &m->xattrs[i];

		buf_printf(out, "%zu %zu\n%s", strlen(x->name), x->size, x->name);
		buf_add(out, x->value, x->size);
	}
}

/* Names of one file follow one another. */
static void count(struct roll_archiver *a, const struct archive_member *e)
{
	if (S_ISDIR(e->meta->mode))
		return;
	a->sums.files++;
	if (S_ISREG(e->meta->mode) && (!e->file_id || e->file_id != a->counted))
		a->sums.size += e->size;
	a->counted = e->file_id;
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
	int r = is_file && a->chunk ? hash_content(a, content, hash, err) : 0;

	if (r < 0)
		return r;
	buf_printf(&line, "%o %u %u %lld %u %u %u %llu %llu %u %s %zu %zu %zu %u\n", m->mode,
		m->uid, m->gid, (long long)m->mtime, m->mtime_nsec, m->major, m->minor,
		is_file ? (unsigned long long)e->size : 0ULL, (unsigned long long)e->file_id,
		e->links, hash, length(e->path), length(e->target), length(e->source), m->n_xattrs);
	buf_puts(&line, e->path);
	buf_puts(&line, e->target ? e->target : "");
	buf_puts(&line, e->source ? e->source : "");
	put_xattrs(&line, m);
	buf_putc(&line, '\n');
	if (buf_error(&line))
		return werr_set(err, WERR_LIMIT, "%.100s...: a name is too long", e->path);
	count(a, e);
	return writer_write(a->to, line.data, line.len, err);
}

static int roll_finish(struct archiver *w, struct werr **err)
{
	const struct roll_archiver *a = CONTAINER_OF(w, struct roll_archiver, writer);
	char line[SUMS_SIZE + 1];

	str_format(line, sizeof(line), SUMS_FORMAT, (unsigned long long)a->sums.files,
		(unsigned long long)a->sums.size);
	return writer_write(a->to, line, SUMS_SIZE, err);
}

static void roll_free(struct archiver *w)
{
	struct roll_archiver *a = CONTAINER_OF(w, struct roll_archiver, writer);

	free(a->chunk);
	free(a);
}

struct archiver *archiver_new_roll(struct writer *to, bool with_hashes)
{
	struct roll_archiver *a = mem_new(struct roll_archiver);

	a->writer = (struct archiver){.add = roll_add, .finish = roll_finish, .free = roll_free};
	a->to = to;
	a->chunk = with_hashes ? mem_alloc(IO_CHUNK) : NULL;
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
	unsigned mode, uid, gid, nsec, major, minor, links, xattrs;
	long long mtime;
	unsigned long long size, file;
	char hash[SHA256_HEX + 1];
	size_t path, target, source;
};

static bool read_numbers(const char *line, struct numbers *n)
{
	int end = 0;

	return sscanf(line, "%o %u %u %lld %u %u %u %llu %llu %u %64s %zu %zu %zu %u%n", &n->mode,
		       &n->uid, &n->gid, &n->mtime, &n->nsec, &n->major, &n->minor, &n->size,
		       &n->file, &n->links, n->hash, &n->path, &n->target, &n->source, &n->xattrs,
		       &end) == NUMBERS &&
	       line[end] == 0 && n->xattrs <= TREE_XATTRS_MAX;
}

/* The line at *p, which is moved behind it; owned by the caller. NULL: there is none. */
static char *take_line(const char **p, const char *end)
{
	const char *feed = memchr(*p, '\n', (size_t)(end - *p));
	char *line;

	if (!feed || feed - *p > LINE_MAX_BYTES)
		return NULL;
	line = str_dup_n(*p, (size_t)(feed - *p));
	*p = feed + 1;
	return line;
}

struct xattrs {
	struct tree_xattr items[TREE_XATTRS_MAX];
	uint32_t n;
};

static void xattrs_cleanup(struct xattrs *x)
{
	for (uint32_t i = 0; i < x->n; i++)
		free(x->items[i].name);
}

/* The values stay where they are. */
static bool take_xattr(const char **p, const char *end, struct xattrs *to)
{
	CLEANUP(free) char *line = take_line(p, end);
	struct tree_xattr *x = &to->items[to->n];
	size_t name, value;
	int last = 0;

	if (!line || sscanf(line, "%zu %zu%n", &name, &value, &last) != 2 || line[last])
		return false;
	x->name = name ? take(p, end, name, LINE_MAX_BYTES) : NULL;
	if (!x->name)
		return false;
	to->n++;
	if (value > TREE_XATTR_SIZE_MAX || value > (size_t)(end - *p))
		return false;
	x->value = (void *)(uintptr_t)*p;
	x->size = value;
	*p += value;
	return true;
}

static void set_entry(struct roll_entry *e, const struct numbers *n)
{
	e->entry.size = n->size;
	e->entry.file = n->file;
	e->entry.links = n->links;
	e->entry.meta = (struct tree_meta){.mode = n->mode,
		.uid = n->uid,
		.gid = n->gid,
		.mtime = n->mtime,
		.mtime_nsec = n->nsec,
		.major = n->major,
		.minor = n->minor};
	str_copy(e->sha256, sizeof(e->sha256), str_eq(n->hash, "-") ? "" : n->hash);
}

/* The entry at *p, which is moved behind it. 1: it is broken. */
static int read_entry(
	const char **p, const char *end, roll_visit *visit, void *ctx, struct werr **err)
{
	CLEANUP(free) char *line = take_line(p, end);
	CLEANUP(free) char *path = NULL;
	CLEANUP(free) char *target = NULL;
	CLEANUP(free) char *source = NULL;
	CLEANUP(xattrs) struct xattrs xattrs = {.n = 0};
	struct roll_entry e = {{0}};
	struct numbers n = {0};

	if (!line || !read_numbers(line, &n))
		return 1;
	path = take(p, end, n.path, TREE_PATH_MAX);
	target = path ? take(p, end, n.target, TREE_TARGET_MAX) : NULL;
	source = target ? take(p, end, n.source, SOURCE_MAX) : NULL;
	while (source && xattrs.n < n.xattrs)
		if (!take_xattr(p, end, &xattrs))
			return 1;
	if (!source || *p == end || **p != '\n')
		return 1;
	++*p;
	set_entry(&e, &n);
	e.entry.path = path;
	e.entry.target = S_ISLNK(n.mode) ? target : NULL;
	e.entry.meta.xattrs = xattrs.n ? xattrs.items : NULL;
	e.entry.meta.n_xattrs = xattrs.n;
	e.source = *source ? source : NULL;
	return visit(&e, ctx, err);
}

static bool parse_sums(const char *line, struct roll_sums *ret)
{
	unsigned long long files, size;
	int end = 0;

	if (sscanf(line, SUMS_FORMAT "%n", &files, &size, &end) != 2 || line[end])
		return false;
	*ret = (struct roll_sums){files, size};
	return true;
}

static int broken(struct werr **err)
{
	return werr_set(err, WERR_CORRUPT, "what was kept of a part is broken");
}

int roll_parse(const char *text, size_t size, roll_visit *visit, void *ctx, struct werr **err)
{
	const char *p = text, *end = text + size;
	char last[SUMS_SIZE + 1] = "";
	struct roll_sums sums;
	int r = 0;

	if (size < SUMS_SIZE)
		return broken(err);
	end -= SUMS_SIZE;
	memcpy(last, end, SUMS_SIZE);
	if (!parse_sums(last, &sums))
		return broken(err);
	while (r == 0 && p < end)
		r = read_entry(&p, end, visit, ctx, err);
	return r > 0 ? broken(err) : r;
}

int roll_read(struct reader *from, roll_visit *visit, void *ctx, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r = reader_read_all(from, ROLL_MAX, &text, &size, err);

	return r < 0 ? r : roll_parse(text, size, visit, ctx, err);
}

bool roll_read_sums(int fd, uint64_t size, struct roll_sums *ret)
{
	char last[SUMS_SIZE + 1] = "";

	return size >= SUMS_SIZE && size <= ROLL_MAX &&
	       pread(fd, last, SUMS_SIZE, (off_t)(size - SUMS_SIZE)) == SUMS_SIZE &&
	       parse_sums(last, ret);
}
