/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMware's backdoor: a port that a virtual machine reads to talk to its host, here for messages of
 * the kind "info-get guestinfo.NAME" (RPCI, of the low bandwidth, as open-vm-tools has them).
 */
#ifndef WHERRY_GUEST_BACKDOOR_H
#define WHERRY_GUEST_BACKDOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
	BACKDOOR_MAGIC = 0x564d5868,
	BACKDOOR_PORT = 0x5658,
	BACKDOOR_VERSION = 10, /* commands, in the lower half of cx */
	BACKDOOR_MESSAGE = 30,
	BACKDOOR_VALUE_MAX = 1 << 20,
};

struct backdoor_registers {
	uint32_t ax, bx, cx, dx, si, di;
};

/* How the port is read. */
struct backdoor {
	void (*read)(struct backdoor_registers *r, void *ctx);
	void *ctx;
};

/*
 * The real port. Outside of VMware a program that reads it may get SIGSEGV. NULL on processors that
 * have no ports.
 */
const struct backdoor *backdoor_port(void);
bool backdoor_is_there(const struct backdoor *b);
/*
 * The value of guestinfo.NAME, owned by the caller, NUL-terminated. WERR_NOT_FOUND: it is not set;
 * WERR_LIMIT, WERR_CORRUPT.
 */
int backdoor_guestinfo(const struct backdoor *b, const char *name, char **ret, size_t *ret_size,
	struct werr **err);

#endif
