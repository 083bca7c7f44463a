/* SPDX-License-Identifier: Apache-2.0 */
/* Where a port of vsock leads to. */
#ifndef WHERRY_GUEST_FORWARD_H
#define WHERRY_GUEST_FORWARD_H

#include <stdint.h>
#include <sys/socket.h>

#include "base/error.h"

struct forward {
	uint32_t port; /* of vsock */
	struct sockaddr_storage address;
	socklen_t size;   /* of the address */
	const char *text; /* what it was read from */
};

/*
 * Read PORT:unix:PATH, as LinuxKit's vsudd has it, or PORT:tcp:ADDRESS:PORT, where an address of
 * IPv6 is in brackets. *ret keeps text. WERR_USAGE.
 */
int forward_parse(const char *text, struct forward *ret, struct werr **err);

#endif
