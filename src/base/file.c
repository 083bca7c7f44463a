/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

static int open_file(const char *path, int flags, bool seekable, int *ret_fd, struct werr **err)
{
	CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return werr_errno(err, errno, "can't open %s", path);
	if (S_ISDIR(st.st_mode))
		return werr_set(err, WERR_INVALID, "%s is a directory, not a file", path);
	if (seekable && !S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return werr_set(err, WERR_INVALID, "%s is neither a regular file nor a disk", path);
	*ret_fd = fd_steal(&fd);
	return 0;
}

int file_open(const char *path, int *ret_fd, struct werr **err)
{
	return open_file(path, 0, false, ret_fd, err);
}

int file_open_seekable(const char *path, int *ret_fd, struct werr **err)
{
	return open_file(path, O_NONBLOCK, true, ret_fd, err);
}

int file_read_fd(
	int fd, const char *path, size_t max, char **ret, size_t *ret_size, struct werr **err)
{
	CLEANUP(reader) struct reader *reader = fd_reader_new(fd, FD_OWNED, path);
	int r = reader_read_all(reader, max, ret, ret_size, err);

	if (r == -E2BIG)
		werr_wrap(err, "%s", path);
	return r;
}

int file_state_path(const char *name, char **ret, struct werr **err)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && *state == '/')
		*ret = str_printf("%s/wherry/%s", state, name);
	else if (home && *home == '/')
		*ret = str_printf("%s/.local/state/wherry/%s", home, name);
	else
		return werr_set(
			err, WERR_NOT_FOUND, "neither XDG_STATE_HOME nor HOME names a directory");
	return 0;
}

int file_read(const char *path, size_t max, char **ret, size_t *ret_size, struct werr **err)
{
	int fd, r = file_open(path, &fd, err);

	return r < 0 ? r : file_read_fd(fd, path, max, ret, ret_size, err);
}

int file_read_at_once(const char *path, size_t max, char **ret, size_t *ret_size, struct werr **err)
{
	CLEANUP(fd) int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return werr_errno(err, errno, "can't open %s", path);
	if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
		return werr_set(err, WERR_INVALID, "%s is not a regular file", path);
	return file_read_fd(fd_steal(&fd), path, max, ret, ret_size, err);
}

ssize_t file_read_small(const char *path, char *dst, size_t size)
{
	CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, dst, size - 1);

	if (n < 0)
		return -errno;
	dst[n] = 0;
	return (size_t)n < size - 1 ? n : -E2BIG;
}

bool file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

int file_look(const char *path, bool *ret_there, struct werr **err)
{
	struct stat st;

	*ret_there = stat(path, &st) == 0;
	if (*ret_there || errno == ENOENT || errno == ENOTDIR)
		return 0;
	return werr_errno(err, errno, "can't access %s", path);
}

int file_make_dirs(const char *path, mode_t mode, struct werr **err)
{
	CLEANUP(free) char *parent = NULL;
	struct stat st;
	int r;

	if (mkdir(path, mode) == 0)
		return 0;
	if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	parent = path_dir(path);
	if (errno != ENOENT || str_eq(parent, path))
		return werr_errno(err, errno, "can't make the directory %s", path);
	r = file_make_dirs(parent, mode, err);
	if (r < 0)
		return r;
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		return werr_errno(err, errno, "can't make the directory %s", path);
	return 0;
}

const char *file_temp_parent(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir == '/' ? dir : "/var/tmp";
}

int file_temp_dir(const char *parent, const char *prefix, char **ret, struct werr **err)
{
	CLEANUP(free) char *path = str_printf("%s/%s-XXXXXX", parent, prefix);

	if (!mkdtemp(path))
		return werr_errno(err, errno, "can't make a directory in %s", parent);
	*ret = STEAL(path);
	return 0;
}

int file_open_unnamed(const char *dir, int *ret_fd, struct werr **err)
{
	CLEANUP(free) char *path = NULL;
	int fd = -1;

#ifdef O_TMPFILE
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 && errno != EOPNOTSUPP && errno != EISDIR)
		return werr_errno(err, errno, "can't make a file in %s", dir);
#endif
	if (fd < 0) {
		path = str_printf("%s/.wherry-XXXXXX", dir);
		fd = mkstemp(path);
		if (fd < 0)
			return werr_errno(err, errno, "can't make a file in %s", dir);
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		unlink(path);
	}
	*ret_fd = fd;
	return 0;
}

/* Takes over dir_fd. */
static int visit_names(int dir_fd, file_visit *visit, void *ctx, struct werr **err)
{
	DIR *dir = fdopendir(dir_fd);
	struct dirent *d;
	int r = 0;

	if (!dir) {
		close(dir_fd);
		return werr_errno(err, errno, "can't list a directory");
	}
	while (r == 0 && (errno = 0, d = readdir(dir)))
		if (!str_eq(d->d_name, ".") && !str_eq(d->d_name, ".."))
			r = visit(dirfd(dir), d->d_name, ctx, err);
	if (r == 0 && errno)
		r = werr_errno(err, errno, "can't list a directory");
	closedir(dir);
	return r;
}

int file_visit_fd(int dir_fd, file_visit *visit, void *ctx, struct werr **err)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return werr_errno(err, errno, "can't list a directory");
	return visit_names(fd, visit, ctx, err);
}

int file_visit_dir(const char *path, enum file_absence absence, file_visit *visit, void *ctx,
	struct werr **err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && absence == FILE_ABSENT_IS_EMPTY)
		return 0;
	if (fd < 0)
		return werr_errno(err, errno, "can't read the directory %s", path);
	return visit_names(fd, visit, ctx, err);
}

/*
 * A directory that is deeper than this is moved up before it is emptied, as each level takes a
 * descriptor.
 */
enum { REMOVE_DEPTH_MAX = 64 };

struct removal {
	int top_fd;
	unsigned depth,
		/* below top_fd; directories that were moved into it, under new names */
		moved;
	bool again; /* one was moved in this pass */
};

static int cant_remove(int errnum, const char *name, struct werr **err)
{
	return werr_errno(err, errnum, "can't remove %s", name);
}

/* Open a directory that is to be emptied: its owner may do that whatever its mode is. */
static int open_to_empty(int at, const char *name, int *ret_fd, struct werr **err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(at, name, flags);

	if (fd < 0 && errno == EACCES && fchmodat(at, name, 0700, 0) == 0)
		fd = openat(at, name, flags);
	if (fd < 0)
		return cant_remove(errno, name, err);
	/* If this fails, removing what is in it reports why. */
	(void)fchmod(fd, 0700);
	*ret_fd = fd;
	return 0;
}

static int move_up(struct removal *rm, int at, const char *name, struct werr **err)
{
	char temp[40];

	do {
		str_format(temp, sizeof(temp), ".wherry-removed-%u", rm->moved++);
		if (renameat(at, name, rm->top_fd, temp) == 0) {
			rm->again = true;
			return 0;
		}
	} while (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR);
	return cant_remove(errno, name, err);
}

/* A file_visit. */
static int remove_at(int at, const char *name, void *ctx, struct werr **err)
{
	struct removal *rm = ctx;
	CLEANUP(fd) int fd = -1;
	int r;

	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return cant_remove(errno, name, err);
	r = open_to_empty(at, name, &fd, err);
	if (r < 0)
		return r;
	if (rm->depth >= REMOVE_DEPTH_MAX)
		return move_up(rm, at, name, err);
	rm->depth++;
	r = visit_names(fd_steal(&fd), remove_at, rm, err);
	rm->depth--;
	if (r == 0 && unlinkat(at, name, AT_REMOVEDIR) < 0)
		r = cant_remove(errno, name, err);
	return r;
}

int file_remove_all(const char *path, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	struct removal rm = {0};
	int r;

	if (unlink(path) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return cant_remove(errno, path, err);
	r = open_to_empty(AT_FDCWD, path, &fd, err);
	if (r < 0)
		return r;
	rm.top_fd = fd;
	do {
		rm.again = false;
		r = file_visit_fd(fd, remove_at, &rm, err);
	} while (r == 0 && rm.again);
	if (r == 0 && rmdir(path) < 0)
		r = cant_remove(errno, path, err);
	return r;
}

int file_publish_dir(const char *new, const char *place, struct werr **err)
{
	if (rename(new, place) == 0)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return werr_errno(err, errno, "can't rename %s to %s", new, place);
	return file_remove_all(new, err);
}

int file_sync_dir_of(const char *path, struct werr **err)
{
	CLEANUP(free) char *dir = path_dir(path);
	CLEANUP(fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* Some file systems can't sync a directory and say so with EINVAL. */
	if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
		return werr_errno(err, errno, "can't sync %s", dir);
	return 0;
}
