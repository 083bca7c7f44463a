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

int file_open(const char *path, int *ret_fd, struct werr **err)
{
	CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return werr_errno(err, errno, "can't open %s", path);
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return werr_set(err, WERR_INVALID, "%s is a folder, not a file", path);
	*ret_fd = fd_steal(&fd);
	return 0;
}

int file_read(const char *path, size_t max, char **ret, size_t *ret_size, struct werr **err)
{
	CLEANUP(reader) struct reader *reader = NULL;
	int fd, r = file_open(path, &fd, err);

	if (r < 0)
		return r;
	reader = fd_reader_new(fd, true, path);
	r = reader_read_all(reader, max, ret, ret_size, err);
	if (r == -E2BIG)
		werr_wrap(err, "%s", path);
	return r;
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
		return werr_errno(err, errno, "can't make the folder %s", path);
	r = file_make_dirs(parent, mode, err);
	if (r < 0)
		return r;
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		return werr_errno(err, errno, "can't make the folder %s", path);
	return 0;
}

int file_temp_dir(const char *parent, const char *prefix, char **ret, struct werr **err)
{
	CLEANUP(free) char *path = str_printf("%s/%s-XXXXXX", parent, prefix);

	if (!mkdtemp(path))
		return werr_errno(err, errno, "can't make a folder in %s", parent);
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
		return werr_errno(err, errno, "can't list a folder");
	}
	while (r == 0 && (d = readdir(dir)))
		if (!str_eq(d->d_name, ".") && !str_eq(d->d_name, ".."))
			r = visit(dirfd(dir), d->d_name, ctx, err);
	closedir(dir);
	return r;
}

int file_visit_dir(const char *path, enum file_absence absence, file_visit *visit, void *ctx,
	struct werr **err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && absence == FILE_ABSENT_IS_EMPTY)
		return 0;
	if (fd < 0)
		return werr_errno(err, errno, "can't read the folder %s", path);
	return visit_names(fd, visit, ctx, err);
}

/* A file_visit. */
static int remove_at(int at, const char *name, ATTR_UNUSED void *ctx, struct werr **err)
{
	int fd, r;

	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return werr_errno(err, errno, "can't remove %s", name);
	/* A folder that its owner may not enter can still be removed by its owner. */
	if (fchmodat(at, name, 0700, 0) < 0)
		return werr_errno(err, errno, "can't remove %s", name);
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return werr_errno(err, errno, "can't remove %s", name);
	r = visit_names(fd, remove_at, NULL, err);
	if (r == 0 && unlinkat(at, name, AT_REMOVEDIR) < 0)
		r = werr_errno(err, errno, "can't remove %s", name);
	return r;
}

int file_remove_all(const char *path, struct werr **err)
{
	return remove_at(AT_FDCWD, path, NULL, err);
}

int file_sync_dir_of(const char *path, struct werr **err)
{
	CLEANUP(free) char *dir = path_dir(path);
	CLEANUP(fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* Some file systems can't sync a folder and say so with EINVAL. */
	if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
		return werr_errno(err, errno, "can't sync %s", dir);
	return 0;
}

int atomic_file_open(struct atomic_file **ret, const char *path, mode_t mode, struct werr **err)
{
	CLEANUP(atomic_file) struct atomic_file *f = mem_new(struct atomic_file);
	CLEANUP(free) char *dir = path_dir(path);
	struct stat st;

	f->fd = -1;
	f->path = str_dup(path);
	f->mode = mode;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return werr_errno(err, EISDIR, "can't write %s", path);
#ifdef O_TMPFILE
	f->fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (f->fd < 0 && errno != EOPNOTSUPP && errno != EISDIR)
		return werr_errno(err, errno, "can't write %s", path);
#endif
	if (f->fd < 0) {
		f->temp = str_printf("%s.XXXXXX", path);
		f->fd = mkstemp(f->temp);
		if (f->fd < 0) {
			free(STEAL(f->temp));
			return werr_errno(err, errno, "can't write %s", path);
		}
		fcntl(f->fd, F_SETFD, FD_CLOEXEC);
	}
	*ret = STEAL(f);
	return 0;
}

/* Give a file without a name one beside its place. linkat can't replace, so a rename follows. */
static int name_beside(struct atomic_file *f, struct werr **err)
{
	CLEANUP(free) char *self = str_printf("/proc/self/fd/%d", f->fd);

	for (unsigned i = 0; i < 1000; i++) {
		CLEANUP(free) char *temp = str_printf("%s.%ld-%u", f->path, (long)getpid(), i);

		if (linkat(AT_FDCWD, self, AT_FDCWD, temp, AT_SYMLINK_FOLLOW) == 0) {
			f->temp = STEAL(temp);
			return 0;
		}
		if (errno != EEXIST)
			return werr_errno(err, errno, "can't write %s", f->path);
	}
	return werr_errno(err, EEXIST, "can't write %s", f->path);
}

static int name_it(struct atomic_file *f, struct werr **err)
{
	int r = f->temp ? 0 : name_beside(f, err);

	if (r < 0)
		return r;
	if (rename(f->temp, f->path) < 0)
		return werr_errno(err, errno, "can't write %s", f->path);
	free(STEAL(f->temp));
	return 0;
}

int atomic_file_place(struct atomic_file *f, struct werr **err)
{
	if (fchmod(f->fd, f->mode) < 0)
		return werr_errno(err, errno, "can't write %s", f->path);
	return name_it(f, err);
}

int atomic_file_commit(struct atomic_file *f, struct werr **err)
{
	int r;

	if (fchmod(f->fd, f->mode) < 0 || fsync(f->fd) < 0)
		return werr_errno(err, errno, "can't write %s", f->path);
	r = name_it(f, err);
	return r < 0 ? r : file_sync_dir_of(f->path, err);
}

void atomic_file_free(struct atomic_file *f)
{
	if (f->temp)
		unlink(f->temp);
	if (f->fd >= 0)
		close(f->fd);
	free(f->temp);
	free(f->path);
	free(f);
}

int file_write_atomic(const char *path, mode_t mode, const void *p, size_t size, struct werr **err)
{
	CLEANUP(atomic_file) struct atomic_file *f = NULL;
	int r = atomic_file_open(&f, path, mode, err);

	if (r < 0)
		return r;
	r = fd_write_all(f->fd, p, size);
	if (r < 0)
		return werr_errno(err, -r, "can't write %s", path);
	return atomic_file_commit(f, err);
}
