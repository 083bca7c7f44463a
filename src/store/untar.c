/* SPDX-License-Identifier: Apache-2.0 */
#include "store/untar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "tar/tar-libarchive.h"

/* libarchive's errno for an unknown format. */
#ifdef EFTYPE
enum { NO_FORMAT = EFTYPE };
#else
enum { NO_FORMAT = EILSEQ };
#endif

/* Limit for one header, uncompressed. While looking for it, read in small chunks. */
enum { HEADER_MAX = 1 << 20, HEADER_PIECE = 512 };

struct untar {
	struct archive *archive;
	struct reader data;
	struct reader *from;
	struct werr *failure; /* error of `from` */
	int seek_fd;
	void (*consumed)(void *ctx, uint64_t bytes);
	void *ctx;
	uint64_t pos, file_size; /* in the file; file_size 0: skipping is impossible */
	uint64_t unpacked;       /* bytes read of entries */
	bool first, in_header, too_large;
	la_int64_t header_start; /* start of the header in the uncompressed bytes */
	struct tar_locale locale;

	/* Block of the current entry that `data` has not returned yet. */
	const char *block;
	size_t block_size;
	uint64_t entry_pos;

	char chunk[IO_CHUNK];
};

static la_ssize_t untar_read(struct archive *a, void *ctx, const void **ret)
{
	struct untar *t = ctx;
	size_t n = 0, most = t->in_header ? HEADER_PIECE : sizeof(t->chunk);

	t->too_large = t->in_header && archive_filter_bytes(a, 0) - t->header_start > HEADER_MAX;
	if (t->too_large || cancel_requested() ||
		reader_read(t->from, t->chunk, most, &n, &t->failure) < 0) {
		archive_set_error(a, EIO, "can't read it");
		return -1;
	}
	t->pos += n;
	if (t->consumed)
		t->consumed(t->ctx, t->pos);
	*ret = t->chunk;
	return (la_ssize_t)n;
}

/* Never skip past the end, so that reading on detects a truncated archive. */
static la_int64_t untar_skip(ATTR_UNUSED struct archive *a, void *ctx, la_int64_t request)
{
	struct untar *t = ctx;

	if (request <= 0 || (uint64_t)request > t->file_size ||
		t->pos > t->file_size - (uint64_t)request ||
		lseek(t->seek_fd, (off_t)request, SEEK_CUR) < 0)
		return 0;
	t->pos += (uint64_t)request;
	return request;
}

static int failed(struct untar *t, struct werr **err)
{
	const char *why = archive_error_string(t->archive);
	int r = cancel_check(err);

	if (r < 0)
		return r;
	if (t->failure) {
		r = werr_code(t->failure->kind);
		werr_pass(err, STEAL(t->failure));
		return r;
	}
	if (t->too_large)
		return tar_refuse_header(HEADER_MAX, err);
	if (t->first && archive_errno(t->archive) == NO_FORMAT) {
		r = werr_set(err, WERR_INVALID,
			"it is not a tar archive, plain or compressed by gzip, zstd, xz or bzip2");
		werr_hint(err,
			"import takes OCI layouts (a directory or tar) and what docker save or "
			"podman save wrote");
		return r;
	}
	return werr_set(
		err, WERR_CORRUPT, "it is damaged: %s", why ? why : "it can't be read as tar");
}

static int data_read(struct reader *reader, void *p, size_t size, size_t *got, struct werr **err)
{
	struct untar *t = CONTAINER_OF(reader, struct untar, data);

	if (t->block_size == 0) {
		const void *block = NULL;
		la_int64_t offset = 0;
		int r = archive_read_data_block(t->archive, &block, &t->block_size, &offset);

		if (r < ARCHIVE_WARN)
			return failed(t, err);
		/* A hole takes no space in the archive, but could take any amount on our disk. */
		if (r != ARCHIVE_EOF && (uint64_t)offset != t->entry_pos)
			return werr_set(err, WERR_INVALID, "it has a sparse file");
		if (r == ARCHIVE_EOF)
			t->block_size = 0;
		t->block = block;
		t->unpacked += t->block_size;
		if (io_is_bomb(t->pos, t->unpacked))
			return io_bomb_error("it", err);
	}
	*got = size < t->block_size ? size : t->block_size;
	if (*got == 0)
		return 0;
	memcpy(p, t->block, *got);
	t->block += *got;
	t->block_size -= *got;
	t->entry_pos += *got;
	return 0;
}

static void data_keep(ATTR_UNUSED struct reader *reader)
{
}

struct reader *untar_data(struct untar *t)
{
	return &t->data;
}

int untar_open(struct untar **ret, struct reader *from, int seek_fd,
	void (*consumed)(void *ctx, uint64_t bytes), void *ctx, struct werr **err)
{
	CLEANUP(untar) struct untar *t = mem_new(struct untar);
	struct stat st;
	int r;

	t->from = from;
	t->seek_fd = seek_fd;
	t->consumed = consumed;
	t->ctx = ctx;
	/* Bytes read to detect the format count as part of the first header. */
	t->first = t->in_header = true;
	t->data = (struct reader){data_read, data_keep};
	if (seek_fd >= 0 && fstat(seek_fd, &st) == 0 && S_ISREG(st.st_mode))
		t->file_size = (uint64_t)st.st_size;
	r = tar_locale_enter(&t->locale, err);
	if (r < 0)
		return r;
	t->archive = archive_read_new();
	if (!t->archive)
		abort();
	if (archive_read_support_format_tar(t->archive) != ARCHIVE_OK ||
		archive_read_support_filter_gzip(t->archive) != ARCHIVE_OK ||
		archive_read_support_filter_zstd(t->archive) != ARCHIVE_OK ||
		archive_read_support_filter_xz(t->archive) != ARCHIVE_OK ||
		archive_read_support_filter_bzip2(t->archive) != ARCHIVE_OK ||
		archive_read_set_read_callback(t->archive, untar_read) != ARCHIVE_OK ||
		archive_read_set_skip_callback(t->archive, untar_skip) != ARCHIVE_OK ||
		archive_read_set_callback_data(t->archive, t) != ARCHIVE_OK ||
		archive_read_open1(t->archive) != ARCHIVE_OK)
		return failed(t, err);
	*ret = STEAL(t);
	return 0;
}

/* A symlink's target is relative to its directory; a hard link's to the archive's root. */
static char *link_target(const char *path, const char *hard, const char *symlink)
{
	CLEANUP(free) char *dir = NULL;
	CLEANUP(free) char *whole = NULL;

	if (hard)
		return path_clean(hard);
	dir = path_dir(path);
	whole = path_join(dir, symlink);
	return path_clean(whole);
}

static void describe(struct archive_entry *e, struct untar_entry *ret)
{
	const char *path = archive_entry_pathname(e);
	const char *hard = archive_entry_hardlink(e), *symlink = archive_entry_symlink(e);

	*ret = (struct untar_entry){.kind = UNTAR_OTHER};
	ret->path = path ? path_clean(path) : NULL;
	if (!ret->path)
		return;
	if (hard || symlink) {
		ret->kind = UNTAR_LINK;
		ret->target = link_target(ret->path, hard, symlink);
	} else if (archive_entry_filetype(e) == AE_IFREG && archive_entry_size(e) >= 0) {
		ret->kind = UNTAR_FILE;
		ret->size = (uint64_t)archive_entry_size(e);
	}
}

static int next_header(struct untar *t, struct archive_entry **ret)
{
	int r;

	t->header_start = archive_filter_bytes(t->archive, 0);
	t->in_header = true;
	r = archive_read_next_header(t->archive, ret);
	t->in_header = false;
	return r;
}

int untar_next(struct untar *t, struct untar_entry *ret, bool *ret_end, struct werr **err)
{
	struct archive_entry *e;
	int r = cancel_check(err);

	if (r < 0)
		return r;
	if (!t->first && archive_read_data_skip(t->archive) < ARCHIVE_WARN)
		return failed(t, err);
	r = next_header(t, &e);
	*ret_end = r == ARCHIVE_EOF;
	if (r == ARCHIVE_EOF)
		return 0;
	/* A warning means that a name or an attribute could not be converted. */
	if (r < ARCHIVE_WARN)
		return failed(t, err);
	t->first = false;
	t->block_size = 0;
	t->entry_pos = 0;
	describe(e, ret);
	return 0;
}

int untar_drain(struct untar *t, struct werr **err)
{
	return t->file_size > 0 ? 0 : reader_drain(t->from, err);
}

void untar_free(struct untar *t)
{
	if (t->archive)
		archive_read_free(t->archive);
	tar_locale_leave(&t->locale);
	reader_free(t->from);
	werr_free(t->failure);
	free(t);
}

void untar_entry_cleanup(struct untar_entry *e)
{
	free(e->path);
	free(e->target);
	*e = (struct untar_entry){0};
}
