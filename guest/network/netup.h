/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the network what a netconf says. Each interface is set up as soon as what it needs is
 * there, and one that fails keeps no other waiting.
 */
#ifndef WHERRY_GUEST_NETUP_H
#define WHERRY_GUEST_NETUP_H

#include "network/netconf.h"

/*
 * Wait for cards for wait_ms at most, and until IPv6 addresses can be used, for some seconds. Lines
 * on stdout say what was done. *err becomes a list of what failed.
 */
int netup(const struct netconf *conf, uint64_t wait_ms, struct werr **err);

/* The program: `network FILE`. */
int netup_main(int argc, char **argv);

#endif
