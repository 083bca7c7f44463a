/* SPDX-License-Identifier: Apache-2.0 */
/*
 * On disk, pieces/HEX has the piece's bytes, followed by a struct tail. With a digest alone a piece
 * would certify itself, and whoever can write to a store, or has packed one up, could decide what
 * is in an OS; so the user's secret goes into it.
 */
#include "store/piece.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "hash/sha256.h"
#include "base/str.h"
#include "store/dir.h"
#include "store/piece-impl.h"

enum { THERE = '+', NOT_THERE = '-' };

/* Text, so that it is the same on all architectures. */
struct tail {
	char sha256[SHA256_HEX]; /* digest of the bytes and the next character */
	char is_there;
	/* HMAC of the file's name and the fields above, keyed with the user's secret. */
	char mac[SHA256_HEX];
	char newline;
};

struct piece_writer {
	struct writer stream;
	struct atomic_file *file; /* NULL when it will not be kept */
	int fd;                   /* file's, or owned */
	struct digest name;       /* of the kept file */
	unsigned char secret[SECRET_SIZE];
	struct sha256 *hash;
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

static void certify(const struct tail *t, const struct digest *name,
	const unsigned char secret[static SECRET_SIZE], char ret[static SHA256_HEX + 1])
{
	CLEANUP(free)
	char *text = str_printf("piece %s %.*s %c", name->text, SHA256_HEX, t->sha256, t->is_there);

	sha256_hmac(secret, SECRET_SIZE, text, strlen(text), ret);
}

static int hash_file(
	int fd, uint64_t size, char is_there, char ret[static SHA256_HEX + 1], struct werr **err)
{
	CLEANUP(sha256) struct sha256 *hash = sha256_new();
	CLEANUP(reader) struct reader *bytes = fd_range_reader_new(fd, "a piece", 0, size);
	CLEANUP(writer) struct writer *to = sha256_writer_new(NULL, hash);
	int r = io_copy(bytes, to, NULL, err);

	sha256_add(hash, &is_there, 1);
	sha256_hex(hash, ret);
	return r;
}

int piece_digest(const struct piece *p, char ret[static SHA256_HEX + 1], struct werr **err)
{
	if (!*p->digest)
		return hash_file(p->fd, p->size, THERE, ret, err);
	return str_copy(ret, SHA256_HEX + 1, p->digest);
}

static int read_tail(int fd, const struct stat *st, struct tail *ret)
{
	ssize_t n;

	if (!S_ISREG(st->st_mode) || st->st_size < (off_t)sizeof(*ret))
		return -EBADMSG;
	n = pread(fd, ret, sizeof(*ret), st->st_size - (off_t)sizeof(*ret));
	if (n != (ssize_t)sizeof(*ret))
		return n < 0 ? -errno : -EBADMSG;
	return ret->is_there == THERE || ret->is_there == NOT_THERE ? 0 : -EBADMSG;
}

/*
 * Make *ret the piece with this fd. With secret NULL its maker is not checked. -EBADMSG: it is
 * damaged.
 */
static int read_piece(
	int fd, const struct digest *name, const unsigned char *secret, struct piece *ret)
{
	char hex[SHA256_HEX + 1];
	struct tail tail;
	struct stat st;
	uint64_t size;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	r = read_tail(fd, &st, &tail);
	if (r < 0)
		return r;
	if (secret) {
		certify(&tail, name, secret, hex);
		if (memcmp(hex, tail.mac, SHA256_HEX) != 0)
			return -EBADMSG;
	}
	size = (uint64_t)st.st_size - sizeof(tail);
	r = hash_file(fd, size, tail.is_there, hex, NULL);
	if (r < 0)
		return r;
	if (memcmp(hex, tail.sha256, SHA256_HEX) != 0)
		return -EBADMSG;
	*ret = (struct piece){.fd = tail.is_there == THERE ? fd : -1, .size = size};
	return str_copy(ret->digest, sizeof(ret->digest), hex);
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

/* ---- writing ---- */

static int piece_write(struct writer *stream, const void *p, size_t size, struct werr **err)
{
	struct piece_writer *w = CONTAINER_OF(stream, struct piece_writer, stream);
	int r = fd_write_all(w->fd, p, size);

	if (r < 0)
		return store_cant_write(w->store, -r, err);
	if (w->file)
		sha256_add(w->hash, p, size);
	w->size += size;
	return 0;
}

static int piece_skip(struct writer *stream, uint64_t n, struct werr **err)
{
	struct piece_writer *w = CONTAINER_OF(stream, struct piece_writer, stream);

	if (!fd_make_hole(w->fd, n))
		return writer_fill(stream, 0, n, err);
	w->size += n;
	return w->file ? sha256_add_zeros(w->hash, n, err) : 0;
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
	return atomic_file_open(&w->file, path, 0644, err);
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
	struct tail tail = {.is_there = is_there, .newline = '\n'};
	char hex[SHA256_HEX + 1];
	int r;

	memcpy(tail.sha256, digest, SHA256_HEX);
	certify(&tail, &w->name, w->secret, hex);
	memcpy(tail.mac, hex, SHA256_HEX);
	r = fd_write_all(w->fd, &tail, sizeof(tail));
	return r < 0 ? store_cant_write(w->store, -r, err) : atomic_file_place(w->file, err);
}

void piece_writer_finish(struct piece_writer *w, bool is_there, bool keep, struct piece *ret)
{
	CLEANUP(werr) struct werr *why = NULL;
	const char mark = is_there ? THERE : NOT_THERE;

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
	free(w);
}
