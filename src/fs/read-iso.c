/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an ISO 9660 by libarchive. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"
#include "fs/fs-read.h"
#include "tar/tar-libarchive.h"

enum { CHUNK = 256 << 10, ENTRIES_MAX = TREE_NODES_MAX };

struct source {
	struct bytes *bytes;
	uint64_t at;
	struct werr *err; /* of the bytes */
	char chunk[CHUNK];
};

static la_ssize_t source_read(struct archive *a, void *ctx, const void **ret)
{
	struct source *s = ctx;
	size_t got = 0;
	int r = s->err ? -EIO : cancel_check(&s->err);

	if (r == 0)
		r = bytes_read_some(s->bytes, s->at, s->chunk, CHUNK, &got, &s->err);
	if (r < 0) {
		archive_set_error(a, EIO, "the image can't be read");
		return ARCHIVE_FATAL;
	}
	s->at += got;
	*ret = s->chunk;
	return (la_ssize_t)got;
}

static la_int64_t source_seek(ATTR_UNUSED struct archive *a, void *ctx, la_int64_t at, int whence)
{
	struct source *s = ctx;
	int64_t from = whence == SEEK_SET   ? 0
		       : whence == SEEK_CUR ? (int64_t)s->at
					    : (int64_t)s->bytes->size;
	int64_t to;

	if (__builtin_add_overflow(from, at, &to) || to < 0)
		return ARCHIVE_FATAL;
	s->at = (uint64_t)to;
	return to;
}

static la_int64_t source_skip(ATTR_UNUSED struct archive *a, void *ctx, la_int64_t n)
{
	struct source *s = ctx;
	uint64_t left = s->at < s->bytes->size ? s->bytes->size - s->at : 0;
	uint64_t skipped = n > 0 && (uint64_t)n < left ? (uint64_t)n : left;

	if (n <= 0)
		return 0;
	s->at += skipped;
	return (la_int64_t)skipped;
}

static int failed(struct source *s, struct archive *a, struct werr **err)
{
	const char *what = archive_error_string(a);

	if (s->err) {
		werr_pass(err, STEAL(s->err));
		return werr_code(WERR_CORRUPT);
	}
	return werr_set(err, WERR_CORRUPT, "the ISO 9660 is broken: %s", what ? what : "bad data");
}

/* ---- a file ---- */

struct content {
	struct reader reader;
	struct source *source;
	struct archive *archive;
	uint64_t left;
};

static int content_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct content *c = CONTAINER_OF(r, struct content, reader);
	size_t wanted = size < c->left ? size : (size_t)c->left;
	la_ssize_t n = wanted ? archive_read_data(c->archive, p, wanted) : 0;

	if (n < 0)
		return failed(c->source, c->archive, err);
	if (wanted && n == 0)
		return werr_set(err, WERR_CORRUPT, "a file of the ISO 9660 is cut short");
	c->left -= (uint64_t)n;
	*got = (size_t)n;
	return 0;
}

static void content_free(ATTR_UNUSED struct reader *r)
{
}

/* Of several names of one file, and of files that share their bytes, the first one has these. */
static int visit_entry(struct source *s, struct archive *a, struct archive_entry *e,
	fill_visit *visit, void *ctx, struct werr **err)
{
	struct content content = {{content_read, content_free}, s, a, 0};
	const char *path = archive_entry_pathname(e);
	struct fill_entry f = {.path = path};
	bool is_device;

	if (!path)
		return werr_set(err, WERR_CORRUPT, "a file of the ISO 9660 has no name");
	f.meta = (struct tree_meta){
		.mode = (uint32_t)archive_entry_mode(e),
		.uid = (uint32_t)archive_entry_uid(e),
		.gid = (uint32_t)archive_entry_gid(e),
		.mtime = archive_entry_mtime(e),
	};
	is_device = S_ISCHR(f.meta.mode) || S_ISBLK(f.meta.mode);
	f.meta.major = is_device ? (uint32_t)archive_entry_rdevmajor(e) : 0;
	f.meta.minor = is_device ? (uint32_t)archive_entry_rdevminor(e) : 0;
	f.target = S_ISLNK(f.meta.mode) ? archive_entry_symlink(e) : NULL;
	if (S_ISREG(f.meta.mode) && archive_entry_size(e) > 0)
		f.size = content.left = (uint64_t)archive_entry_size(e);
	f.same_as = S_ISREG(f.meta.mode) ? archive_entry_hardlink(e) : NULL;
	return visit(&f, S_ISREG(f.meta.mode) ? &content.reader : NULL, ctx, err);
}

static int read_entries(
	struct source *s, struct archive *a, fill_visit *visit, void *ctx, struct werr **err)
{
	for (size_t n = 0; n < ENTRIES_MAX; n++) {
		struct archive_entry *e = NULL;
		int code = archive_read_next_header(a, &e), r;

		if (code == ARCHIVE_EOF)
			return 0;
		if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
			return failed(s, a, err);
		r = visit_entry(s, a, e, visit, ctx, err);
		if (r < 0)
			return r;
	}
	return werr_set(err, WERR_LIMIT, "the ISO 9660 has too many files");
}

static int open_and_read(struct source *s, fill_visit *visit, void *ctx, struct werr **err)
{
	struct archive *a = archive_read_new();
	int r;

	if (!a)
		abort();
	archive_read_set_read_callback(a, source_read);
	archive_read_set_seek_callback(a, source_seek);
	archive_read_set_skip_callback(a, source_skip);
	archive_read_set_callback_data(a, s);
	if (archive_read_support_format_iso9660(a) != ARCHIVE_OK ||
		archive_read_open1(a) != ARCHIVE_OK)
		r = failed(s, a, err);
	else
		r = read_entries(s, a, visit, ctx, err);
	archive_read_free(a);
	return r;
}

int fs_read_iso(struct bytes *b, fill_visit *visit, void *ctx, struct werr **err)
{
	CLEANUP(free) struct source *s = mem_new(struct source);
	struct tar_locale locale;
	int r = tar_locale_enter(&locale, err);

	s->bytes = b;
	if (r == 0)
		r = open_and_read(s, visit, ctx, err);
	tar_locale_leave(&locale);
	werr_free(s->err);
	return r;
}
