/* SPDX-License-Identifier: Apache-2.0 */
/* Unix sockets by path. All are close-on-exec. */
#ifndef WHERRY_GUEST_SOCKET_H
#define WHERRY_GUEST_SOCKET_H

#include "base/error.h"

/* A socket (SOCK_STREAM, SOCK_DGRAM) at path that only root can reach and that never waits; what
 * was there before is removed. The descriptor, or -errno. */
int socket_listen(const char *path, int type, struct werr **err);
/* Connect to the one at path. type may have SOCK_NONBLOCK. The descriptor, or -errno. */
int socket_connect(const char *path, int type);

#endif
