/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and reading blobs, each checked against its digest. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/internal.h"

/* The same hint for every kind of damage. */
static int damaged(int r, struct werr **err)
{
	if (r == -EBADMSG)
		werr_hint(err, "import the image again, which replaces the damaged blob");
	return r;
}

/* Passes a blob through; exists only to add the hint to errors. */
struct blob_reader {
	struct reader reader, *from;
};

static int blob_reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct blob_reader *b = CONTAINER_OF(r, struct blob_reader, reader);

	return damaged(reader_read(b->from, p, size, got, err), err);
}

static void blob_reader_free(struct reader *r)
{
	struct blob_reader *b = CONTAINER_OF(r, struct blob_reader, reader);

	reader_free(b->from);
	free(b);
}

static int check_stat(const struct stat *st, const struct descriptor *d, struct werr **err)
{
	if (!S_ISREG(st->st_mode))
		return damaged(werr_set(err, WERR_CORRUPT, "blob %s is damaged: it is not a file",
				       d->digest.text),
			err);
	if (st->st_size < 0 || (uint64_t)st->st_size != d->size)
		return damaged(
			werr_set(err, WERR_CORRUPT,
				"blob %s is damaged: it has %" PRIu64 " bytes instead of %" PRIu64,
				d->digest.text, (uint64_t)st->st_size, d->size),
			err);
	return 0;
}

/*
 * A blob is missing only when its name does not exist; any other error says nothing about it.
 */
static int missing(int errnum, const struct digest *d, struct werr **err)
{
	if (errnum == ELOOP)
		return damaged(werr_set(err, WERR_CORRUPT,
				       "blob %s is damaged: it is a symbolic link", d->text),
			err);
	if (errnum != ENOENT)
		return werr_errno(err, errnum, "can't read blob %s", d->text);
	return werr_set(err, WERR_NOT_FOUND, "blob %s is not in the store", d->text);
}

static int stat_blob(struct store *s, const struct digest *d, struct stat *ret, struct werr **err)
{
	const char *text;
	size_t size;
	int fd, r;

	if (store_find_pending(s, d, &text, &size)) {
		*ret = (struct stat){.st_mode = S_IFREG, .st_size = (off_t)size};
		return 0;
	}
	r = store_blobs_fd(s, d, false, &fd, err);
	if (r == -ENOENT)
		return missing(ENOENT, d, err);
	if (r == 0 && fstatat(fd, digest_hex(d), ret, AT_SYMLINK_NOFOLLOW) < 0)
		return missing(errno, d, err);
	return r;
}

int store_has_blob(struct store *s, const struct digest *d, bool *ret, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	struct stat st;
	int r = stat_blob(s, d, &st, &why);

	if (r < 0 && r != -ENOENT) {
		werr_pass(err, STEAL(why));
		return r;
	}
	*ret = r == 0;
	return 0;
}

int store_blob_size(struct store *s, const struct digest *digest, uint64_t *ret, struct werr **err)
{
	struct stat st;
	int r = stat_blob(s, digest, &st, err);

	if (r == 0)
		*ret = (uint64_t)st.st_size;
	return r;
}

int store_stat_blob(struct store *s, const struct descriptor *d, struct werr **err)
{
	struct stat st;
	int r = stat_blob(s, &d->digest, &st, err);

	return r < 0 ? r : check_stat(&st, d, err);
}

static int open_bytes(
	struct store *s, const struct descriptor *d, struct reader **ret, struct werr **err)
{
	struct stat st = {.st_mode = S_IFREG};
	CLEANUP(fd) int fd = -1;
	const char *text;
	size_t size;
	int dir, r;

	if (store_find_pending(s, &d->digest, &text, &size)) {
		st.st_size = (off_t)size;
		r = check_stat(&st, d, err);
		if (r == 0)
			*ret = mem_reader_new(text, size);
		return r;
	}
	r = store_blobs_fd(s, &d->digest, false, &dir, err);
	if (r < 0)
		return r == -ENOENT ? missing(ENOENT, &d->digest, err) : r;
	fd = openat(dir, digest_hex(&d->digest), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return missing(errno, &d->digest, err);
	r = check_stat(&st, d, err);
	if (r == 0)
		*ret = fd_reader_new(fd_steal(&fd), FD_OWNED, d->digest.text);
	return r;
}

int store_open_blob(
	struct store *s, const struct descriptor *d, struct reader **ret, struct werr **err)
{
	CLEANUP(free) char *name = str_printf("blob %s", d->digest.text);
	struct reader *bytes = NULL;
	struct blob_reader *b;
	int r = open_bytes(s, d, &bytes, err);

	if (r < 0)
		return r;
	b = mem_new(struct blob_reader);
	b->reader = (struct reader){blob_reader_read, blob_reader_free};
	b->from = sha256_check_reader_new(bytes, name, digest_hex(&d->digest), d->size);
	*ret = &b->reader;
	return 0;
}

int store_read_blob(
	struct store *s, const struct descriptor *d, size_t max, char **ret, struct werr **err)
{
	CLEANUP(reader) struct reader *reader = NULL;
	size_t size;
	int r;

	if (d->size > max)
		return werr_set(err, WERR_LIMIT,
			"blob %s has %" PRIu64 " bytes, more than the %zu allowed here",
			d->digest.text, d->size, max);
	r = store_open_blob(s, d, &reader, err);
	if (r == 0)
		r = reader_read_all(reader, max, ret, &size, err);
	return r;
}

int store_check_bytes(const struct descriptor *d, const void *p, size_t size, struct werr **err)
{
	struct digest has;

	digest_of_kind(digest_kind(&d->digest), p, size, &has);
	if (size == d->size && digest_eq(&has, &d->digest))
		return 0;
	return werr_set(err, WERR_CORRUPT,
		"blob %s is damaged: it has %zu bytes with the digest %s instead of %" PRIu64
		" bytes",
		d->digest.text, size, has.text, d->size);
}

int store_check_blob(struct store *s, const struct descriptor *d, struct werr **err)
{
	CLEANUP(reader) struct reader *reader = NULL;
	int r = store_open_blob(s, d, &reader, err);

	return r < 0 ? r : reader_drain(reader, err);
}

int store_read_manifest(
	struct store *s, const struct descriptor *d, struct manifest **ret, struct werr **err)
{
	CLEANUP(free) char *name = str_printf("blob %s", d->digest.text);
	CLEANUP(free) char *text = NULL;
	int r = store_read_blob(s, d, MANIFEST_SIZE_MAX, &text, err);

	if (r == 0)
		r = manifest_parse(name, text, d->size, d->media_type, ret, err);
	return r;
}
