/* SPDX-License-Identifier: Apache-2.0 */
#include "base/atomic-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/file-links.h"
#include "base/file.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

enum { TRIES_MAX = 1000 };

static int cant_write(const char *path, int error, struct werr **err)
{
	return werr_errno(err, error, "can't write %s", path);
}

/* ---- opening ---- */

/*
 * Open what exists and is written into: it is neither created nor truncated. Wait for the reader of
 * a pipe, but not after Ctrl-C.
 */
static int open_direct(struct atomic_file *f, const char *path, int own, struct werr **err)
{
	f->direct = true;
	do {
		f->fd = own >= 0 ? fcntl(own, F_DUPFD_CLOEXEC, 0)
				 : open(f->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		if (f->fd < 0 && errno == EINTR && cancel_requested())
			return cancel_check(err);
	} while (f->fd < 0 && errno == EINTR);
	return f->fd < 0 ? cant_write(path, errno, err) : 0;
}

/* Not the name with a suffix: the name may be as long as a name can be. */
static char *temp_in(const char *dir, const char *what)
{
	return str_printf("%s/.wherry-%s", dir, what);
}

static char *temp_name(const struct atomic_file *f, const char *what)
{
	CLEANUP(free) char *dir = path_dir(f->path);

	return temp_in(dir, what);
}

static int open_temp(struct atomic_file *f, const char *dir, struct werr **err)
{
#ifdef O_TMPFILE
	f->fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (f->fd < 0 && errno != EOPNOTSUPP && errno != EISDIR)
		return cant_write(f->path, errno, err);
#endif
	if (f->fd < 0) {
		CLEANUP(free) char *temp = temp_in(dir, "XXXXXX");

		f->fd = mkstemp(temp);
		if (f->fd < 0)
			return cant_write(f->path, errno, err);
		f->temp = STEAL(temp);
		fcntl(f->fd, F_SETFD, FD_CLOEXEC);
	}
	return 0;
}

static struct atomic_file *new_file(char *path, mode_t mode)
{
	struct atomic_file *f = mem_new(struct atomic_file);

	f->fd = -1;
	f->path = path;
	f->mode = mode;
	return f;
}

/* Find out what can't be replaced before anything is written. */
static int check_place(const struct atomic_file *f, struct stat *st, struct werr **err)
{
	size_t n = strlen(f->path);

	if (n == 0 || f->path[n - 1] == '/')
		return cant_write(n ? f->path : "''", n ? EISDIR : ENOENT, err);
	if (stat(f->path, st) < 0) {
		*st = (struct stat){0};
		return errno == ENAMETOOLONG ? cant_write(f->path, errno, err) : 0;
	}
	return S_ISDIR(st->st_mode) ? cant_write(f->path, EISDIR, err) : 0;
}

int atomic_file_open(struct atomic_file **ret, const char *path, mode_t mode, struct werr **err)
{
	CLEANUP(atomic_file) struct atomic_file *f = new_file(str_dup(path), mode);
	CLEANUP(free) char *dir = path_dir(path);
	struct stat st;
	int r = check_place(f, &st, err);

	if (r == 0)
		r = open_temp(f, dir, err);
	if (r == 0)
		*ret = STEAL(f);
	return r;
}

/* The directory of a path; is_ahead: or the nearest one above it that is there. */
static char *dir_for(const char *path, bool is_ahead)
{
	char *dir = path_dir(path);

	while (is_ahead && !file_exists(dir)) {
		char *above = path_dir(dir);
		bool is_top = str_eq(above, dir);

		free(dir);
		dir = above;
		if (is_top)
			break;
	}
	return dir;
}

static int open_named(
	struct atomic_file **ret, const char *path, mode_t mode, bool is_ahead, struct werr **err)
{
	CLEANUP(atomic_file) struct atomic_file *f = NULL;
	CLEANUP(free) char *place = NULL, *dir = NULL;
	struct stat st;
	int own, r = file_follow_links(path, &place, &own, err);

	if (r < 0)
		return r;
	f = new_file(STEAL(place), mode);
	dir = dir_for(f->path, is_ahead);
	r = check_place(f, &st, err);
	if (r == 0)
		r = own >= 0 || (st.st_mode && !S_ISREG(st.st_mode))
			    ? open_direct(f, path, own, err)
			    : open_temp(f, dir, err);
	if (r == 0)
		*ret = STEAL(f);
	return r;
}

int atomic_file_open_named(
	struct atomic_file **ret, const char *path, mode_t mode, struct werr **err)
{
	return open_named(ret, path, mode, false, err);
}

int atomic_file_open_ahead(
	struct atomic_file **ret, const char *path, mode_t mode, struct werr **err)
{
	CLEANUP(free) char *name = path_base(path);

	/* Nothing else says so before its directory is there. */
	if (strlen(name) > NAME_MAX)
		return cant_write(path, ENAMETOOLONG, err);
	return open_named(ret, path, mode, true, err);
}

/* ---- finishing ---- */

/* Make an unused name beside the file's place with linkat(from, name, flags). */
static int link_beside(const struct atomic_file *f, const char *from, int flags, char **ret)
{
	for (unsigned i = 0; i < TRIES_MAX; i++) {
		CLEANUP(free) char *what = str_printf("%ld-%u", (long)getpid(), i);
		CLEANUP(free) char *name = temp_name(f, what);

		if (linkat(AT_FDCWD, from, AT_FDCWD, name, flags) == 0) {
			*ret = STEAL(name);
			return 0;
		}
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

/*
 * Give an unnamed file a name beside its place. linkat can't replace a file, so a rename follows.
 */
static int name_beside(struct atomic_file *f, struct werr **err)
{
	CLEANUP(free) char *self = str_printf("/proc/self/fd/%d", f->fd);
	int r = f->temp ? 0 : link_beside(f, self, AT_SYMLINK_FOLLOW, &f->temp);

	return r < 0 ? cant_write(f->path, -r, err) : 0;
}

static int rename_it(struct atomic_file *f, struct werr **err)
{
	if (rename(f->temp, f->path) < 0)
		return cant_write(f->path, errno, err);
	free(STEAL(f->temp));
	return 0;
}

/* Sync what is not a regular file as far as possible. */
static int prepare(struct atomic_file *f, bool sync, struct werr **err)
{
	if (f->direct)
		return sync && fsync(f->fd) < 0 && errno != EINVAL && errno != EROFS
			       ? cant_write(f->path, errno, err)
			       : 0;
	if (fchmod(f->fd, f->mode) < 0 || (sync && fsync(f->fd) < 0))
		return cant_write(f->path, errno, err);
	return 0;
}

int atomic_file_place(struct atomic_file *f, struct werr **err)
{
	int r = prepare(f, false, err);

	if (r == 0 && !f->direct)
		r = name_beside(f, err);
	return r < 0 || f->direct ? r : rename_it(f, err);
}

/*
 * Keep what is in the place under a second name. Without hard links it loses its first name for a
 * moment. An empty place is fine.
 */
static int set_aside(struct atomic_file *f, struct werr **err)
{
	CLEANUP(free) char *name = temp_name(f, "XXXXXX");
	struct stat st;
	int fd, r;

	if (lstat(f->path, &st) < 0)
		return errno == ENOENT ? 0 : cant_write(f->path, errno, err);
	if (link_beside(f, f->path, 0, &f->old) == 0)
		return 0;
	fd = mkstemp(name);
	if (fd < 0)
		return cant_write(f->path, errno, err);
	close(fd);
	if (rename(f->path, name) < 0) {
		r = cant_write(f->path, errno, err);
		unlink(name);
		return r;
	}
	f->old = STEAL(name);
	return 0;
}

static void forget_old(struct atomic_file *f)
{
	if (f->old)
		unlink(f->old);
	free(STEAL(f->old));
}

/* Put back what was in the place; if both ways fail, it keeps its second name. */
static void put_back(struct atomic_file *f)
{
	bool replaced = !f->temp && !f->direct;

	if (!f->old && replaced)
		unlink(f->path);
	if (!f->old)
		return;
	if (rename(f->old, f->path) == 0 ||
		(replaced && unlink(f->path) == 0 && link(f->old, f->path) == 0))
		/* When one name of a file is renamed to another, both stay. */
		forget_old(f);
	else if (!replaced && file_exists(f->path))
		/* It still has its first name. */
		forget_old(f);
	else
		log_warning("can't put %s back: its old content is now in %s", f->path, f->old);
	free(STEAL(f->old));
}

static int sync_dirs(struct atomic_file *const *files, size_t n, struct werr **err)
{
	CLEANUP(strv) struct strv done = {0};
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		CLEANUP(free) char *dir = path_dir(files[i]->path);

		if (files[i]->direct || strv_has(&done, dir))
			continue;
		strv_add(&done, dir);
		r = file_sync_dir_of(files[i]->path, err);
	}
	if (r < 0)
		werr_hint(err, "the output is in its place, but a power failure may undo it");
	return r;
}

static int rename_all(struct atomic_file *const *files, size_t n, struct werr **err)
{
	for (size_t i = 0; i < n; i++) {
		/* A single file needs no way back. */
		int r = files[i]->direct || n == 1 ? 0 : set_aside(files[i], err);

		if (r == 0 && !files[i]->direct)
			r = rename_it(files[i], err);
		if (r < 0) {
			for (size_t k = i + 1; k-- > 0;)
				put_back(files[k]);
			return r;
		}
	}
	return 0;
}

int atomic_file_sync_all(struct atomic_file *const *files, size_t n, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = prepare(files[i], true, err);
	return r;
}

int atomic_file_commit_all(struct atomic_file *const *files, size_t n, struct werr **err)
{
	int r = atomic_file_sync_all(files, n, err);

	/*
	 * This comes after the slow part: a process killed between here and the last rename leaves
	 * these names behind.
	 */
	for (size_t i = 0; r == 0 && i < n; i++)
		r = files[i]->direct ? 0 : name_beside(files[i], err);
	if (r == 0)
		r = rename_all(files, n, err);
	if (r == 0)
		r = sync_dirs(files, n, err);
	for (size_t i = 0; i < n; i++)
		forget_old(files[i]);
	return r;
}

int atomic_file_commit(struct atomic_file *f, struct werr **err)
{
	return atomic_file_commit_all(&f, 1, err);
}

int atomic_file_commit_new(struct atomic_file *f, struct werr **err)
{
	int r = prepare(f, true, err);

	if (r == 0 && !f->direct)
		r = name_beside(f, err);
	if (r < 0 || f->direct || link(f->temp, f->path) == 0)
		return r < 0 ? r : sync_dirs(&f, 1, err);
	/* Where it had a name from the beginning, the file system may have no links. */
	return errno == EEXIST ? 0 : rename_it(f, err);
}

void atomic_file_free(struct atomic_file *f)
{
	if (f->temp)
		unlink(f->temp);
	if (f->fd >= 0)
		close(f->fd);
	free(f->temp);
	free(f->old);
	free(f->path);
	free(f);
}

static int write_and_commit(struct atomic_file *f, const void *p, size_t size, struct werr **err)
{
	int r = fd_write_all(f->fd, p, size);

	return r < 0 ? cant_write(f->path, -r, err) : atomic_file_commit(f, err);
}

int file_write_atomic(const char *path, mode_t mode, const void *p, size_t size, struct werr **err)
{
	CLEANUP(atomic_file) struct atomic_file *f = NULL;
	int r = atomic_file_open(&f, path, mode, err);

	return r < 0 ? r : write_and_commit(f, p, size, err);
}

int file_write_named(const char *path, mode_t mode, const void *p, size_t size, struct werr **err)
{
	CLEANUP(atomic_file) struct atomic_file *f = NULL;
	int r = atomic_file_open_named(&f, path, mode, err);

	return r < 0 ? r : write_and_commit(f, p, size, err);
}
