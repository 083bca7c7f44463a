/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"

#define INSIDE_HINT \
	"the sources of a package are in its directory, or in those that extra-sources names"

static int refuse(int errnum, const char *name, struct werr **err)
{
	int r;

	if (errnum != EXDEV && errnum != ELOOP)
		return werr_errno(err, errnum, "can't open %s", name);
	r = errnum == EXDEV ? werr_set(err, WERR_INVALID, "%s leads out of its directory", name)
			    : werr_set(err, WERR_INVALID, "%s is, or goes through, a link", name);
	werr_hint(err, INSIDE_HINT);
	return r;
}

int beneath_walk(
	int dir_fd, const char *path, int flags, const char *name, int *ret_fd, struct werr **err)
{
	CLEANUP(fd) int at = openat(dir_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(strv) struct strv parts = {0};

	if (at < 0)
		return refuse(errno, name, err);
	if (*path == '/')
		return refuse(EXDEV, name, err);
	strv_split(&parts, path, '/');
	for (size_t i = 0; i < parts.n; i++) {
		const bool last = i + 1 == parts.n;
		const char *part = *parts.items[i] ? parts.items[i] : ".";
		int next;

		if (str_eq(part, ".."))
			return refuse(EXDEV, name, err);
		next = openat(
			at, part, (last ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return refuse(errno == ENOTDIR && !last ? ELOOP : errno, name, err);
		close(at);
		at = next;
	}
	*ret_fd = fd_steal(&at);
	return 0;
}

int beneath_open(
	int dir_fd, const char *path, int flags, const char *name, int *ret_fd, struct werr **err)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, dir_fd, *path ? path : ".", &how, sizeof(how));

	/* EPERM comes from a seccomp filter that does not know the call. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return beneath_walk(dir_fd, path, flags, name, ret_fd, err);
	if (fd < 0)
		return refuse(errno, name, err);
	*ret_fd = (int)fd;
	return 0;
}
