/* SPDX-License-Identifier: Apache-2.0 */
/* Duplicate address detection (RFC 4862 section 5.4): an address can't be used before it is over.
 */
#ifndef WHERRY_GUEST_DADWAIT_H
#define WHERRY_GUEST_DADWAIT_H

#include "network/netconf.h"

/*
 * Wait, for some seconds at most, for the IPv6 addresses of a netconf on interfaces with a link.
 * *err becomes a list of those that another machine has.
 */
int dadwait(const struct netconf *conf, struct werr **err);

#endif
