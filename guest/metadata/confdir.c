/* SPDX-License-Identifier: Apache-2.0 */
#include "metadata/confdir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"

enum { OPEN_DIR = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
/* A name that is_name() refuses, so that nobody's file is called so. */
static const char unfinished[] = ".\n";

static bool is_name(const char *name)
{
	if (!*name || str_eq(name, ".") || str_eq(name, "..") || strlen(name) > NAME_MAX)
		return false;
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == 0x7f || *name == '/')
			return false;
	return true;
}

static int check_name(const char *name, struct werr **err)
{
	return is_name(name)
		       ? 0
		       : werr_set(err, WERR_INVALID, "'%.80s' is not the name of a file", name);
}

int confdir_open(const char *path, int *ret_fd, struct werr **err)
{
	int r = file_make_dirs(path, 0755, err);

	if (r < 0)
		return r;
	*ret_fd = open(path, OPEN_DIR);
	return *ret_fd < 0 ? werr_errno(err, errno, "can't open %s", path) : 0;
}

int confdir_enter(int dir_fd, const char *name, int *ret_fd, struct werr **err)
{
	int r = check_name(name, err);

	if (r < 0)
		return r;
	if (mkdirat(dir_fd, name, 0755) < 0 && errno != EEXIST)
		return werr_errno(err, errno, "can't make the directory %s", name);
	*ret_fd = openat(dir_fd, name, OPEN_DIR);
	return *ret_fd < 0 ? werr_errno(err, errno, "can't open the directory %s", name) : 0;
}

static int write_unfinished(int dir_fd, const void *data, size_t size, mode_t mode)
{
	CLEANUP(fd) int fd = -1;

	if (unlinkat(dir_fd, unfinished, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dir_fd, unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (fchmod(fd, mode & 0777) < 0)
		return -errno;
	return fd_write_all(fd, data, size);
}

int confdir_write(
	int dir_fd, const char *name, const void *data, size_t size, mode_t mode, struct werr **err)
{
	int r = check_name(name, err);

	if (r < 0)
		return r;
	r = write_unfinished(dir_fd, data, size, mode);
	if (r == 0 && renameat(dir_fd, unfinished, dir_fd, name) < 0)
		r = -errno;
	if (r == 0)
		return 0;
	unlinkat(dir_fd, unfinished, 0);
	return werr_errno(err, -r, "can't write %s", name);
}

int confdir_read(
	int dir_fd, const char *name, size_t max, char **ret, size_t *ret_size, struct werr **err)
{
	int r = check_name(name, err), fd;

	if (r < 0)
		return r;
	fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return werr_errno(err, errno, "can't open %s", name);
	return file_read_fd(fd, name, max, ret, ret_size, err);
}
