/* SPDX-License-Identifier: Apache-2.0 */
/* The program vsudd, LinuxKit's name: forwards ports of vsock to sockets of the machine. */
#ifndef WHERRY_GUEST_VSUDD_H
#define WHERRY_GUEST_VSUDD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "tools/forward.h"

enum { VSUDD_FORWARDS_MAX = 16 };

struct vsudd {
	struct forward forwards[VSUDD_FORWARDS_MAX];
	size_t n;
	bool local; /* also for this machine's own programs, which loopback brings */
};

/*
 * Read -inport PORT:unix:PATH|PORT:tcp:ADDRESS:PORT... [-local]. *texts is what the result points
 * into. WERR_USAGE.
 */
int vsudd_parse(int argc, char **argv, struct strv *texts, struct vsudd *ret, struct werr **err);

/* Forward until SIGTERM or SIGINT. */
int vsudd_main(int argc, char **argv);

#endif
