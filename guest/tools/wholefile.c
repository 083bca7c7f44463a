/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/wholefile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

/* Room on the disk for every byte; zeros where the file system can't just reserve it. */
static int reserve(int fd, const char *path, uint64_t size, struct werr **err)
{
	CLEANUP(writer) struct writer *w = NULL;
	/* btrfs only swaps to files that it does not copy on write; others refuse the flag. */
	int flags = FS_NOCOW_FL, r;

	if (ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0)
		flags = 0;
	if (fallocate(fd, 0, 0, (off_t)size) == 0)
		return 0;
	if (errno != EOPNOTSUPP)
		return werr_errno(err, errno, "can't reserve %llu bytes for %s",
			(unsigned long long)size, path);
	w = fd_writer_new(fd, FD_LENT, path);
	r = writer_fill(w, 0, size, err);
	return r < 0 ? r : writer_finish(w, err);
}

int wholefile_begin(const char *path, uint64_t size, int *ret_fd, struct werr **err)
{
	CLEANUP(free) char *dir = path_dir(path);
	CLEANUP(fd) int fd = -1;
	int r;

	if (size > INT64_MAX)
		return werr_set(err, WERR_LIMIT, "%s can't be that large", path);
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return werr_errno(err, errno, "can't make a file in %s", dir);
	r = reserve(fd, path, size, err);
	if (r == 0)
		*ret_fd = fd_steal(&fd);
	return r;
}

int wholefile_end(int fd, const char *path, struct werr **err)
{
	CLEANUP(free) char *self = str_printf("/proc/self/fd/%d", fd);

	if (fsync(fd) < 0)
		return werr_errno(err, errno, "can't write to %s", path);
	/* Unlike a rename, this never replaces a file. */
	if (linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) < 0)
		return werr_errno(err, errno, "can't make %s", path);
	return file_sync_dir_of(path, err);
}
