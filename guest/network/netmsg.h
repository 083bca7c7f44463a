/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of rtnetlink(7) that a netconf needs. Indexes are the kernel's, of interfaces. */
#ifndef WHERRY_GUEST_NETMSG_H
#define WHERRY_GUEST_NETMSG_H

#include "common/rtnl.h"
#include "network/netconf.h"

/* Make a VLAN on the interface `link`, a bond or a bridge. */
void netmsg_create(struct rtnl_message *m, const struct netconf_interface *in, unsigned link);
void netmsg_rename(struct rtnl_message *m, unsigned index, const char *name);
void netmsg_set_mtu(struct rtnl_message *m, unsigned index, uint32_t mtu);
void netmsg_set_up(struct rtnl_message *m, unsigned index, bool up);
/* It makes no IPv6 address of its own when it comes up. A kernel without IPv6 refuses this. */
void netmsg_set_no_ipv6(struct rtnl_message *m, unsigned index);
/* Make it a member of a bond or bridge. */
void netmsg_set_master(struct rtnl_message *m, unsigned index, unsigned master);
/* Of a bond whose members are there. */
void netmsg_set_primary(struct rtnl_message *m, unsigned index, unsigned primary);
void netmsg_add_address(struct rtnl_message *m, unsigned index, const struct netaddr *address);
void netmsg_add_route(struct rtnl_message *m, unsigned index, const struct netconf_route *route);

#endif
