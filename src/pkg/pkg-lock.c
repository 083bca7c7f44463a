/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/pkg-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/io.h"
#include "base/mem.h"

enum { TICK_MS = 100 };

int pkg_lock(const char *path, int *ret_fd, struct werr **err)
{
	CLEANUP(fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return werr_errno(err, errno, "can't open %s", path);
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int r = errno == EWOULDBLOCK || errno == EINTR
				? cancel_pause(TICK_MS, err)
				: werr_errno(err, errno, "can't lock %s", path);

		if (r < 0)
			return r;
	}
	*ret_fd = fd_steal(&fd);
	return 0;
}
