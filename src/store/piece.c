/* SPDX-License-Identifier: Apache-2.0 */
/* On disk, pieces/HEX has the piece's bytes, followed by a struct piece_tail. */
#include "store/piece.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/dir.h"
#include "store/piece-impl.h"
#include "store/piece-tail.h"

struct piece_writer {
	struct writer stream;
	struct atomic_file *file; /* NULL when it will not be kept */
	int fd;                   /* file's, or owned */
	struct digest name;       /* of the kept file */
	unsigned char secret[SECRET_SIZE];
	struct piece_tail tail;
	struct sha256 *hash;
	struct poly1305 *code; /* or NULL */
	uint64_t size;
	struct store *store;
};

void piece_cleanup(struct piece *p)
{
	if (p->fd >= 0)
		close(p->fd);
	*p = (struct piece){.fd = -1};
}

char *store_piece_path(const struct store *s, const struct digest *name)
{
	return str_printf("%s/pieces/%s", s->dir, digest_hex(name));
}

/*
 * Builds with another secret use other names: users of the same store don't disturb each other.
 */
static void name_of(const struct digest *key, const unsigned char secret[static SECRET_SIZE],
	struct digest *ret)
{
	CLEANUP(free) char *text = str_printf("name %s", key->text);
	char hex[SHA256_HEX + 1];

	sha256_hmac(secret, SECRET_SIZE, text, strlen(text), hex);
	digest_from_hex(hex, ret);
}

int piece_digest(const struct piece *p, char ret[static SHA256_HEX + 1], struct werr **err)
{
	if (!*p->digest)
		return piece_tail_hash(p->fd, p->size, PIECE_THERE, ret, err);
	return str_copy(ret, SHA256_HEX + 1, p->digest);
}

/* Make *ret the piece with this fd, whose tail was checked: see there. */
static int read_piece(
	int fd, const struct digest *name, const unsigned char *secret, struct piece *ret)
{
	struct piece_tail tail;
	uint64_t size;
	int r = piece_tail_check(fd, name, secret, &tail, &size);

	if (r < 0)
		return r;
	*ret = (struct piece){.fd = tail.is_there == PIECE_THERE ? fd : -1, .size = size};
	memcpy(ret->digest, tail.sha256, SHA256_HEX);
	return 0;
}

/* -1: there is no such file. */
static int open_piece(struct store *s, const struct digest *name)
{
	CLEANUP(fd) int dir = -1;

	if (store_open_dir(s, "pieces", false, &dir, NULL) < 0)
		return -1;
	return openat(dir, digest_hex(name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

bool store_piece_is_damaged(struct store *s, const struct digest *name)
{
	CLEANUP(fd) int fd = open_piece(s, name);
	unsigned char secret[SECRET_SIZE];
	struct piece piece;
	struct stat st;
	bool ours = fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
		    store_get_secret(s, false, secret);

	return fd >= 0 && read_piece(fd, name, ours ? secret : NULL, &piece) == -EBADMSG;
}

bool store_find_piece(struct store *s, const struct digest *key, struct piece *ret)
{
	unsigned char secret[SECRET_SIZE];
	CLEANUP(free) char *path = NULL;
	CLEANUP(fd) int fd = -1;
	struct digest name;
	int r;

	if (!store_get_secret(s, false, secret))
		return false;
	name_of(key, secret, &name);
	fd = open_piece(s, &name);
	if (fd < 0)
		return false;
	r = read_piece(fd, &name, secret, ret);
	if (r == -EBADMSG) {
		path = store_piece_path(s, &name);
		log_info("piece %s is damaged and will be made again", path);
		unlink(path);
	}
	if (r < 0)
		return false;
	/* A user who does not own the file can't mark it as used. */
	(void)futimens(fd, NULL);
	if (ret->fd >= 0)
		fd_steal(&fd);
	return true;
}

bool store_measure_piece(struct store *s, const struct digest *key, uint64_t *ret)
{
	unsigned char secret[SECRET_SIZE];
	CLEANUP(fd) int fd = -1;
	struct digest name;
	struct stat st;

	if (!store_get_secret(s, false, secret))
		return false;
	name_of(key, secret, &name);
	fd = open_piece(s, &name);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size < (off_t)sizeof(struct piece_tail))
		return false;
	*ret = (uint64_t)st.st_size - sizeof(struct piece_tail);
	return true;
}

/* ---- writing ---- */

static void add_bytes(struct piece_writer *w, const void *p, size_t size)
{
	if (w->file)
		sha256_add(w->hash, p, size);
	if (w->code)
		poly1305_add(w->code, p, size);
}

static int piece_write(struct writer *stream, const void *p, size_t size, struct werr **err)
{
	struct piece_writer *w = CONTAINER_OF(stream, struct piece_writer, stream);
	int r = fd_write_all(w->fd, p, size);

	if (r < 0)
		return store_cant_write(w->store, -r, err);
	add_bytes(w, p, size);
	w->size += size;
	return 0;
}

static int piece_skip(struct writer *stream, uint64_t n, struct werr **err)
{
	struct piece_writer *w = CONTAINER_OF(stream, struct piece_writer, stream);

	static const char zeros[IO_CHUNK];

	if (!fd_make_hole(w->fd, n))
		return writer_fill(stream, 0, n, err);
	w->size += n;
	for (uint64_t part; n > 0; n -= part) {
		int r = cancel_check(err);

		if (r < 0)
			return r;
		part = n < sizeof(zeros) ? n : sizeof(zeros);
		add_bytes(w, zeros, part);
	}
	return 0;
}

static int piece_finish(ATTR_UNUSED struct writer *stream, ATTR_UNUSED struct werr **err)
{
	return 0;
}

/* The stream is a member of its piece_writer. */
static void piece_keep(ATTR_UNUSED struct writer *stream)
{
}

static int open_kept(struct piece_writer *w, const struct digest *key, struct werr **err)
{
	CLEANUP(free) char *path = NULL;
	CLEANUP(fd) int dir = -1;
	int r = store_open_dir(w->store, "pieces", true, &dir, err);

	if (r < 0)
		return r;
	name_of(key, w->secret, &w->name);
	path = store_piece_path(w->store, &w->name);
	r = atomic_file_open(&w->file, path, 0644, err);
	if (r == 0)
		w->code = piece_tail_begin(&w->tail, w->secret);
	return r;
}

int store_new_piece(
	struct store *s, const struct digest *key, struct piece_writer **ret, struct werr **err)
{
	CLEANUP(piece_writer) struct piece_writer *w = mem_new(struct piece_writer);
	CLEANUP(werr) struct werr *why = NULL;
	int r = 0;

	w->fd = -1;
	w->store = s;
	w->hash = sha256_new();
	w->stream = (struct writer){piece_write, piece_finish, piece_keep, piece_skip};
	if (key && store_get_secret(s, true, w->secret) && open_kept(w, key, &why) < 0)
		log_info("a piece is not kept: %s", why->message);
	if (w->file)
		w->fd = w->file->fd;
	else
		r = file_open_unnamed(store_spool_dir(s), &w->fd, err);
	if (r == 0)
		*ret = STEAL(w);
	return r;
}

struct writer *piece_writer_stream(struct piece_writer *w)
{
	return &w->stream;
}

int piece_writer_fd(const struct piece_writer *w)
{
	return w->fd;
}

static int keep_piece(struct piece_writer *w, char is_there, const char *digest, struct werr **err)
{
	struct piece_tail *t = &w->tail;
	int r;

	memcpy(t->sha256, digest, SHA256_HEX);
	t->is_there = is_there;
	piece_tail_end(t, w->code, &w->name, w->secret);
	r = fd_write_all(w->fd, t, sizeof(*t));
	return r < 0 ? store_cant_write(w->store, -r, err) : atomic_file_place(w->file, err);
}

void piece_writer_finish(struct piece_writer *w, bool is_there, bool keep, struct piece *ret)
{
	CLEANUP(werr) struct werr *why = NULL;
	const char mark = is_there ? PIECE_THERE : PIECE_NOT_THERE;

	*ret = (struct piece){.fd = -1};
	if (w->file) {
		sha256_add(w->hash, &mark, 1);
		sha256_hex(w->hash, ret->digest);
	}
	if (keep && w->file && keep_piece(w, mark, ret->digest, &why) < 0)
		log_info("a piece is not kept: %s", why->message);
	if (!is_there)
		return;
	ret->fd = fd_steal(&w->fd);
	ret->size = w->size;
	if (w->file)
		w->file->fd = -1;
}

void piece_writer_free(struct piece_writer *w)
{
	if (w->file) {
		atomic_file_free(w->file);
		w->fd = -1;
	}
	fd_cleanup(&w->fd);
	sha256_free(w->hash);
	poly1305_free(w->code);
	free(w);
}
