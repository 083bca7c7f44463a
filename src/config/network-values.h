/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the key `network` for its tables: what depends on more than one value. */
#ifndef WHERRY_CONFIG_NETWORK_VALUES_H
#define WHERRY_CONFIG_NETWORK_VALUES_H

#include "config/check.h"
#include "contract/netaddr.h"
#include "contract/network.h"

/* What is wrong with an address for an interface: "is the address of a network"; NULL: nothing. */
const char *check_network_address(const struct netaddr *a);
/* The same for that of any single machine, and for that of one that is not this machine. */
const char *check_network_machine(const struct netaddr *a);
const char *check_network_router(const struct netaddr *a);

void check_network_match(struct checker *c, const struct node *match);
void check_network_route(struct checker *c, const struct node *route);
void check_network_members(struct checker *c, const struct node *of); /* a bond, a bridge */
void check_network_bond(struct checker *c, const struct node *bond);
void check_network_interface(struct checker *c, const struct node *interface);

#endif
