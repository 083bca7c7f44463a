/* SPDX-License-Identifier: Apache-2.0 */
#include "common/socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

enum { BACKLOG = 16 };

int socket_listen(const char *path, int type, struct werr **err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	CLEANUP(fd) int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;
	int r;

	if (fd < 0)
		return werr_errno(err, errno, "can't create a socket");
	if (str_copy(address.sun_path, sizeof(address.sun_path), path) < 0)
		return werr_set(err, WERR_INVALID, "the path %s is too long", path);
	unlink(path);
	mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (r < 0 || (type == SOCK_STREAM && listen(fd, BACKLOG) < 0))
		return werr_errno(err, errno, "can't listen on %s", path);
	return fd_steal(&fd);
}

int socket_connect(const char *path, int type)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	CLEANUP(fd) int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (str_copy(address.sun_path, sizeof(address.sun_path), path) < 0)
		return -ENAMETOOLONG;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return fd_steal(&fd);
}
