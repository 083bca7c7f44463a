/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file-lock.h"

#include <errno.h>
#include <sys/file.h>

#include "base/cancel.h"

enum { POLL_MS = 5 };

int file_lock(int fd, int operation, uint64_t limit_ms, const char *name, struct werr **err)
{
	for (uint64_t waited = 0;; waited += POLL_MS) {
		int r = waited > 0 ? cancel_pause(POLL_MS, err) : cancel_check(err);

		if (r < 0)
			return r;
		if (flock(fd, operation | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return werr_errno(err, errno, "can't lock %s", name);
		if (waited >= limit_ms)
			return -ETIMEDOUT;
	}
}
