/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of the guest that are open on this machine, as --publish names them. */
#ifndef WHERRY_VM_PUBLISH_H
#define WHERRY_VM_PUBLISH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

enum { VM_PUBLISH_MAX = 1024 /* ports in all, which fit on QEMU's command line */ };

struct vm_publish {
	char address[46]; /* of this machine, without brackets */
	bool v6, udp;
	uint16_t host, guest; /* the first ports */
	unsigned count;       /* number of consecutive ports, on both sides */
};
/*
 * "[ADDRESS:]HOST:GUEST[/tcp|udp]": an IPv6 address is in brackets, HOST and GUEST may be ranges of
 * one length. Without an address it is 127.0.0.1. WERR_USAGE with a hint.
 */
int vm_publish_parse(const char *text, struct vm_publish *ret, struct werr **err);

/*
 * QEMU's user network listens on IPv4 addresses only. A relay listens on the IPv6 addresses itself,
 * in a thread, and passes connections (TCP) on to a port of 127.0.0.1 that it has reserved and that
 * QEMU forwards.
 */
struct vm_relay;
/*
 * Start a relay for those ports of the list that are on IPv6 addresses; *ret_list is the list with
 * the reserved ports in their place. *ret is NULL when there are none. Fails when it cannot listen
 * on a port.
 */
int vm_relay_start(const struct strv *publish, struct strv *ret_list, struct vm_relay **ret,
	struct werr **err);
/* End the relay and all its connections. */
void vm_relay_free(struct vm_relay *r);
DEFINE_CLEANUP(struct vm_relay *, vm_relay_free, vm_relay)

#endif
