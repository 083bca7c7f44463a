/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a blob, which has no name until its digest has been checked. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/dir.h"

struct blob_writer {
	struct writer stream;
	struct store *store;
	char temp[STORE_TEMP_SIZE]; /* its name in ingest/; empty once it has none */
	struct sha256 *hash;
	uint64_t size;
	int fd;
};

int store_cant_write(struct store *s, int errnum, struct werr **err)
{
	int r = werr_errno(err, errnum, "can't write to the store %s", s->dir);

	if (errnum == ENOSPC || errnum == EDQUOT)
		werr_hint(err, "make room there, or use another store with --cache");
	return r;
}

static int blob_writer_write(struct writer *w, const void *p, size_t size, struct werr **err)
{
	struct blob_writer *b = CONTAINER_OF(w, struct blob_writer, stream);
	int r = fd_write_all(b->fd, p, size);

	if (r < 0)
		return store_cant_write(b->store, -r, err);
	sha256_add(b->hash, p, size);
	b->size += size;
	return 0;
}

static int blob_writer_finish(ATTR_UNUSED struct writer *w, ATTR_UNUSED struct werr **err)
{
	return 0;
}

/* The stream is a member of its blob_writer. */
static void blob_writer_keep(ATTR_UNUSED struct writer *w)
{
}

int store_new_blob(struct store *s, struct blob_writer **ret, struct werr **err)
{
	CLEANUP(blob_writer) struct blob_writer *b = mem_new(struct blob_writer);
	char temp[STORE_TEMP_SIZE];
	int r;

	b->store = s;
	b->fd = -1;
	r = store_hold(s, err);
	if (r < 0)
		return r;
	r = store_make_temp(s->ingest_fd, temp, &b->fd);
	if (r < 0)
		return store_cant_write(s, -r, err);
	memcpy(b->temp, temp, sizeof(temp));
	b->hash = sha256_new();
	b->stream = (struct writer){blob_writer_write, blob_writer_finish, blob_writer_keep};
	*ret = STEAL(b);
	return 0;
}

struct writer *blob_writer_stream(struct blob_writer *b)
{
	return &b->stream;
}

/* The stream computes a SHA-256; for a SHA-512 the bytes are read again. */
static int check_again(struct blob_writer *b, const struct digest *expected, struct werr **err)
{
	CLEANUP(free) char *name = str_printf("blob %s", expected->text);
	CLEANUP(reader)
	struct reader *check = sha256_check_reader_new(
		fd_range_reader_new(b->fd, name, 0, b->size), name, digest_hex(expected), b->size);

	return reader_drain(check, err);
}

static int check_digest(
	struct blob_writer *b, const struct digest *expected, struct digest *ret, struct werr **err)
{
	char hex[SHA256_HEX + 1];
	int r;

	sha256_hex(b->hash, hex);
	digest_from_hex(hex, ret);
	if (!expected || digest_eq(ret, expected))
		return 0;
	if (digest_kind(expected) == DIGEST_SHA256)
		return werr_set(err, WERR_CORRUPT,
			"blob %s is damaged: its bytes have the digest %s", expected->text,
			ret->text);
	r = check_again(b, expected, err);
	if (r == 0)
		*ret = *expected;
	return r;
}

int blob_writer_commit(struct blob_writer *b, const struct digest *expected, struct descriptor *ret,
	struct werr **err)
{
	struct digest digest;
	int dir, r = check_digest(b, expected, &digest, err);

	if (r == 0)
		r = store_blobs_fd(b->store, &digest, true, &dir, err);
	if (r < 0)
		return r;
	if (fchmod(b->fd, 0644) < 0 || fsync(b->fd) < 0)
		return store_cant_write(b->store, errno, err);
	/* An existing blob is replaced by the same bytes, or repaired if it was damaged. */
	if (renameat(b->store->ingest_fd, b->temp, dir, digest_hex(&digest)) < 0)
		return store_cant_write(b->store, errno, err);
	b->temp[0] = 0;
	if (ret) {
		ret->digest = digest;
		ret->size = b->size;
	}
	return 0;
}

void blob_writer_free(struct blob_writer *b)
{
	if (b->hash)
		sha256_free(b->hash);
	if (b->temp[0])
		unlinkat(b->store->ingest_fd, b->temp, 0);
	if (b->fd >= 0)
		close(b->fd);
	free(b);
}

static int put(struct store *s, const void *p, size_t size, const struct digest *expected,
	struct descriptor *ret, struct werr **err)
{
	CLEANUP(blob_writer) struct blob_writer *b = NULL;
	int r = store_new_blob(s, &b, err);

	if (r == 0)
		r = writer_write(&b->stream, p, size, err);
	if (r == 0)
		r = blob_writer_commit(b, expected, ret, err);
	return r;
}

int store_put(
	struct store *s, const void *p, size_t size, struct descriptor *ret, struct werr **err)
{
	return put(s, p, size, NULL, ret, err);
}

int store_put_as(
	struct store *s, const void *p, size_t size, const struct digest *digest, struct werr **err)
{
	return put(s, p, size, digest, NULL, err);
}

int store_copy_blob(
	struct store *s, const struct descriptor *d, struct reader *from, struct werr **err)
{
	CLEANUP(blob_writer) struct blob_writer *b = NULL;
	uint64_t size;
	int r = store_new_blob(s, &b, err);

	if (r == 0)
		r = io_copy(from, &b->stream, &size, err);
	if (r == 0 && size != d->size)
		return werr_set(err, WERR_CORRUPT,
			"blob %s is damaged: it has %" PRIu64 " bytes instead of %" PRIu64,
			d->digest.text, size, d->size);
	if (r == 0)
		r = blob_writer_commit(b, &d->digest, NULL, err);
	return r;
}
