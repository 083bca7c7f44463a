/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file-links.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/atomic-file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

enum { LINKS_MAX = 40 };

/* The descriptor of this process that the path stands for, /proc/self/fd/N in any spelling, or -1.
 */
static int descriptor_of(const char *path)
{
	CLEANUP(free) char *dir = path_dir(path);
	CLEANUP(free) char *name = path_base(path);
	CLEANUP(free) char *real = realpath(dir, NULL);
	CLEANUP(free) char *own = realpath("/proc/self/fd", NULL);
	uint64_t fd;

	if (!real || !own || !str_eq(real, own) || str_to_u64(name, 10, &fd) < 0 || fd > INT_MAX)
		return -1;
	return (int)fd;
}

int file_follow_links(const char *path, char **ret, int *fd, struct werr **err)
{
	CLEANUP(free) char *at = str_dup(path);

	for (int i = 0; i < LINKS_MAX; i++) {
		char target[PATH_MAX];
		CLEANUP(free) char *dir = path_dir(at);
		ssize_t n = readlink(at, target, sizeof(target) - 1);

		if (n < 0 && errno != EINVAL && errno != ENOENT)
			return werr_errno(err, errno, "can't write %s", path);
		*fd = n < 0 ? -1 : descriptor_of(at);
		if (n < 0 || *fd >= 0) {
			*ret = STEAL(at);
			return 0;
		}
		target[n] = 0;
		free(at);
		at = path_join(dir, target);
	}
	return werr_errno(err, ELOOP, "can't write %s", path);
}

bool file_is_stdout(const char *path)
{
	CLEANUP(free) char *at = NULL;
	int fd;

	if (str_eq(path, "/dev/stdout"))
		return true;
	return file_follow_links(path, &at, &fd, NULL) == 0 && fd == STDOUT_FILENO;
}
