/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets between a virtual machine and its host (vsock(7)): listening for whom to trust. */
#ifndef WHERRY_GUEST_VSOCK_H
#define WHERRY_GUEST_VSOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * A port of the form of Go's numbers, such as 2376 or 0xf3a4. what names it in the error.
 * WERR_USAGE.
 */
int vsock_port_parse(const char *what, const char *text, uint32_t *ret, struct werr **err);
/*
 * A non-blocking socket that listens on the port at each address (CID) of the machine. The
 * descriptor, or an error.
 */
int vsock_listen(uint32_t port, struct werr **err);
/*
 * Take a connection, non-blocking. The descriptor, -EAGAIN when there is none, -EACCES when it was
 * of somebody else than the host and has been closed, or another -errno. local: of this machine's
 * own programs as well, which come from all of its containers.
 */
int vsock_accept(int listener, bool local);

#endif
