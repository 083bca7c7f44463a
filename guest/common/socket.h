/* SPDX-License-Identifier: Apache-2.0 */
/* Unix sockets by path, close-on-exec. */
#ifndef WHERRY_GUEST_SOCKET_H
#define WHERRY_GUEST_SOCKET_H

#include "base/error.h"

/*
 * Create a non-blocking socket (SOCK_STREAM, SOCK_DGRAM) at path that only root can reach; what was
 * there before is removed. The descriptor, or -errno.
 */
int socket_listen(const char *path, int type, struct werr **err);
/* Connect to the socket at path. type may include SOCK_NONBLOCK. The descriptor, or -errno. */
int socket_connect(const char *path, int type);

#endif
