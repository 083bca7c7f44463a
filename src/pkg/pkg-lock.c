/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/pkg-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file-lock.h"
#include "base/io.h"
#include "base/mem.h"

int pkg_lock(const char *path, int *ret_fd, struct werr **err)
{
	CLEANUP(fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	int r;

	if (fd < 0)
		return werr_errno(err, errno, "can't open %s", path);
	r = file_lock(fd, LOCK_EX, FILE_LOCK_FOREVER, path, err);
	if (r == 0)
		*ret_fd = fd_steal(&fd);
	return r;
}
