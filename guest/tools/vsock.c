/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/vsock.h"

#include <errno.h>
#include <sys/socket.h>

#include <linux/vm_sockets.h>

#include "base/mem.h"
#include "base/str.h"

enum { BACKLOG = 64 };

int vsock_port_parse(const char *what, const char *text, uint32_t *ret, struct werr **err)
{
	uint64_t port;
	int r = str_to_u64(text, 0, &port);

	if (r < 0 || port == 0 || port >= VMADDR_PORT_ANY) {
		r = werr_set(err, WERR_USAGE, "%s: '%.80s' is not a port of vsock", what, text);
		werr_hint(err, "a port is a number from 1 to 4294967294, such as 2376 or 0xf3a4");
		return r;
	}
	*ret = (uint32_t)port;
	return 0;
}

int vsock_listen(uint32_t port, struct werr **err)
{
	const struct sockaddr_vm address = {
		.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = port};
	CLEANUP(fd) int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0) {
		r = werr_errno(err, errno, "can't create a socket of vsock");
		if (r == -EAFNOSUPPORT || r == -ENOSYS)
			werr_hint(err,
				"the kernel needs vsock (CONFIG_VSOCKETS), and the container "
				"'wherry: {seccomp: none}'");
		return r;
	}
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(fd, BACKLOG) < 0)
		return werr_errno(err, errno, "can't listen on port %u of vsock", port);
	return fd_steal(&fd);
}

int vsock_accept(int listener, bool local)
{
	struct sockaddr_vm peer = {0};
	socklen_t size = sizeof(peer);
	CLEANUP(fd)
	int fd = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return errno == EINTR || errno == ECONNABORTED ? -EAGAIN : -errno;
	if (size < sizeof(peer) || peer.svm_family != AF_VSOCK)
		return -EACCES;
	return peer.svm_cid == VMADDR_CID_HOST || local ? fd_steal(&fd) : -EACCES;
}
