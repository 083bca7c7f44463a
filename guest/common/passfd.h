/* SPDX-License-Identifier: Apache-2.0 */
/* A message with file descriptors over a Unix socket (SCM_RIGHTS, unix(7)). */
#ifndef WHERRY_GUEST_PASSFD_H
#define WHERRY_GUEST_PASSFD_H

#include <stddef.h>
#include <sys/types.h>

enum { PASSFD_MAX = 3 };

/* Send size bytes and n descriptors, which stay open here. The number of bytes sent, or -errno. */
ssize_t passfd_send(int sock, const void *p, size_t size, const int *fds, size_t n);
/*
 * Receive up to size bytes and the descriptors that came with them: *n of them in fds,
 * close-on-exec and owned by the caller; any beyond PASSFD_MAX are closed. The number of bytes, 0
 * at the end, or -errno. Does not wait.
 */
ssize_t passfd_receive(int sock, void *p, size_t size, int fds[static PASSFD_MAX], size_t *n);

#endif
