/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/io.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

/* ---- directories and files ---- */

static int cant_use(const struct store *s, const char *name, int errnum, struct werr **err)
{
	int r;

	if (errnum != ELOOP && errnum != ENOTDIR)
		return werr_errno(err, errnum, "can't use %s/%s", s->dir, name);
	r = werr_set(
		err, WERR_INVALID, "%s/%s is a symbolic link, or not a directory", s->dir, name);
	werr_hint(err,
		"move the whole store, and name its place with --cache; nothing outside of it is "
		"touched");
	return r;
}

/* Open one component. mkdir's mode is restricted by the user's umask. */
static int open_one(int at, const char *name, bool make)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(at, name, flags);

	if (fd < 0 && errno == ENOENT && make && (mkdirat(at, name, 0777) == 0 || errno == EEXIST))
		fd = openat(at, name, flags);
	return fd;
}

int store_open_dir(
	const struct store *s, const char *name, bool make, int *ret_fd, struct werr **err)
{
	CLEANUP(strv) struct strv parts = {0};
	CLEANUP(fd) int fd = -1;

	strv_split(&parts, name, '/');
	for (size_t i = 0; i < parts.n; i++) {
		int next = open_one(i ? fd : s->dir_fd, parts.items[i], make);

		if (next < 0)
			return cant_use(s, name, errno, err);
		fd_cleanup(&fd);
		fd = next;
	}
	*ret_fd = fd_steal(&fd);
	return 0;
}

int store_open_file(
	const struct store *s, const char *name, int flags, int *ret_fd, struct werr **err)
{
	/* Don't wait for the other end of a fifo. */
	CLEANUP(fd)
	int fd = openat(s->dir_fd, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
	struct stat st;

	if (fd < 0 && errno != ELOOP && errno != ENXIO)
		return werr_errno(err, errno, "can't open %s/%s", s->dir, name);
	if (fd >= 0 && fstat(fd, &st) < 0)
		return werr_errno(err, errno, "can't open %s/%s", s->dir, name);
	if (fd < 0 || !S_ISREG(st.st_mode))
		return werr_set(err, WERR_INVALID, "%s/%s is not a regular file", s->dir, name);
	*ret_fd = fd_steal(&fd);
	return 0;
}

int store_read_file(const struct store *s, const char *name, size_t max, char **ret,
	size_t *ret_size, struct werr **err)
{
	CLEANUP(free) char *path = store_path(s, name);
	int fd, r = store_open_file(s, name, O_RDONLY, &fd, err);

	return r < 0 ? r : file_read_fd(fd, path, max, ret, ret_size, err);
}

int store_has_file(const struct store *s, const char *name, bool *ret, struct werr **err)
{
	struct stat st;

	*ret = fstatat(s->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*ret && errno != ENOENT)
		return werr_errno(err, errno, "can't look for %s/%s", s->dir, name);
	return 0;
}

/* ---- temporary files ---- */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
static const char temp_prefix[] = "blob-";
enum { TEMP_LETTERS = 6, TEMP_TRIES = 1000 };

int store_make_temp(int dir_fd, char name[static STORE_TEMP_SIZE], int *ret_fd)
{
	for (unsigned i = 0; i < TEMP_TRIES; i++) {
		unsigned char random[TEMP_LETTERS];
		char *at = name + sizeof(temp_prefix) - 1;

		if (fd_random(random, sizeof(random)) < 0)
			return -EIO;
		memcpy(name, temp_prefix, sizeof(temp_prefix) - 1);
		for (size_t l = 0; l < TEMP_LETTERS; l++)
			*at++ = letters[random[l] % (sizeof(letters) - 1)];
		*at = 0;
		*ret_fd = openat(
			dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (*ret_fd >= 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

bool store_is_temp(const char *name)
{
	const char *rest = str_after(name, temp_prefix);

	return rest && strlen(rest) == TEMP_LETTERS && strspn(rest, letters) == TEMP_LETTERS;
}

/* ---- blobs ---- */

int store_blobs_fd(
	struct store *s, const struct digest *d, bool make, int *ret_fd, struct werr **err)
{
	enum digest_kind kind = digest_kind(d);
	CLEANUP(free) char *name = str_printf("blobs/%s", digest_kind_name(kind));
	CLEANUP(werr) struct werr *why = NULL;
	int r = 0;

	pthread_mutex_lock(&s->mutex);
	if (s->blobs_fd[kind] < 0)
		r = store_open_dir(s, name, make, &s->blobs_fd[kind], &why);
	*ret_fd = s->blobs_fd[kind];
	pthread_mutex_unlock(&s->mutex);
	if (r < 0 && r != -ENOENT)
		werr_pass(err, STEAL(why));
	return r;
}

struct visitor {
	store_blob_visit *visit;
	void *ctx;
	enum digest_kind kind;
};

/* A file_visit. */
static int visit_entry(int dir_fd, const char *name, void *ctx, struct werr **err)
{
	const struct visitor *v = ctx;
	CLEANUP(free) char *text = str_printf("%s:%s", digest_kind_name(v->kind), name);
	struct digest digest;
	struct stat st;
	int r = cancel_check(err);

	if (r < 0)
		return r;
	if (digest_parse(text, &digest, NULL) < 0)
		return 0;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : werr_errno(err, errno, "can't read blob %s", text);
	return v->visit(
		dir_fd, &digest, S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0, v->ctx, err);
}

/* Call visit with each kind's directory that exists. */
static int visit_kinds(struct store *s,
	int (*visit)(int fd, enum digest_kind kind, void *ctx, struct werr **err), void *ctx,
	struct werr **err)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < DIGEST_KINDS; i++) {
		struct digest any;
		int fd;

		digest_of_kind(i, "", 0, &any);
		r = store_blobs_fd(s, &any, false, &fd, err);
		if (r == 0)
			r = visit(fd, i, ctx, err);
		else if (r == -ENOENT)
			r = 0;
	}
	return r;
}

static int visit_kind(int fd, enum digest_kind kind, void *ctx, struct werr **err)
{
	struct visitor *v = ctx;

	v->kind = kind;
	return file_visit_fd(fd, visit_entry, v, err);
}

int store_visit_blobs(struct store *s, store_blob_visit *visit, void *ctx, struct werr **err)
{
	struct visitor v = {visit, ctx, DIGEST_SHA256};

	return visit_kinds(s, visit_kind, &v, err);
}

static int sync_kind(int fd, ATTR_UNUSED enum digest_kind kind, void *ctx, struct werr **err)
{
	const struct store *s = ctx;

	/* Some file systems can't sync a directory and return EINVAL. */
	if (fsync(fd) < 0 && errno != EINVAL)
		return werr_errno(err, errno, "can't sync the store %s", s->dir);
	return 0;
}

int store_sync_blobs(struct store *s, struct werr **err)
{
	return visit_kinds(s, sync_kind, s, err);
}
