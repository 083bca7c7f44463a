/* SPDX-License-Identifier: Apache-2.0 */
#include "network/netmsg.h"

#include <linux/if_link.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

enum {
	BOND_LOOK_MS = 100,
	IPV4_NETWORK_MAX = 30, /* longer prefixes have no address for all (RFC 3021) */
};

static struct ifinfomsg *begin(struct rtnl_message *m, unsigned short flags, unsigned index)
{
	struct ifinfomsg *info = rtnl_begin(m, RTM_NEWLINK, flags, sizeof(*info));

	info->ifi_index = (int)index;
	return info;
}

/* ---- what an interface is ---- */

static void put_vlan(struct rtnl_message *m, const struct netconf_interface *in)
{
	rtnl_put_u16(m, IFLA_VLAN_ID, in->vlan);
}

/* Without a look at the link a bond would go on using a member whose cable is gone. */
static void put_bond(struct rtnl_message *m, const struct netconf_interface *in)
{
	rtnl_put_u8(m, IFLA_BOND_MODE, in->mode);
	rtnl_put_u32(m, IFLA_BOND_MIIMON, BOND_LOOK_MS);
}

/* A port waits for the delay even where no spanning tree looks for loops meanwhile. */
static void put_bridge(struct rtnl_message *m, const struct netconf_interface *in)
{
	if (!in->stp)
		rtnl_put_u32(m, IFLA_BR_FORWARD_DELAY, 0);
	rtnl_put_u32(m, IFLA_BR_STP_STATE, in->stp);
}

static const struct {
	const char *name;
	void (*put)(struct rtnl_message *m, const struct netconf_interface *in);
} kinds[] = {
	[NETCONF_VLAN] = {"vlan", put_vlan},
	[NETCONF_BOND] = {"bond", put_bond},
	[NETCONF_BRIDGE] = {"bridge", put_bridge},
};

void netmsg_create(struct rtnl_message *m, const struct netconf_interface *in, unsigned link)
{
	size_t info, data;

	begin(m, NLM_F_CREATE | NLM_F_EXCL, 0);
	rtnl_put_text(m, IFLA_IFNAME, in->name);
	if (link)
		rtnl_put_u32(m, IFLA_LINK, link);
	info = rtnl_begin_nest(m, IFLA_LINKINFO);
	rtnl_put_text(m, IFLA_INFO_KIND, kinds[in->kind].name);
	data = rtnl_begin_nest(m, IFLA_INFO_DATA);
	kinds[in->kind].put(m, in);
	rtnl_end_nest(m, data);
	rtnl_end_nest(m, info);
	rtnl_end(m);
}

/* ---- changes ---- */

void netmsg_rename(struct rtnl_message *m, unsigned index, const char *name)
{
	begin(m, 0, index);
	rtnl_put_text(m, IFLA_IFNAME, name);
	rtnl_end(m);
}

void netmsg_set_mtu(struct rtnl_message *m, unsigned index, uint32_t mtu)
{
	begin(m, 0, index);
	rtnl_put_u32(m, IFLA_MTU, mtu);
	rtnl_end(m);
}

void netmsg_set_up(struct rtnl_message *m, unsigned index, bool up)
{
	struct ifinfomsg *info = begin(m, 0, index);

	info->ifi_change = IFF_UP;
	info->ifi_flags = up ? IFF_UP : 0;
	rtnl_end(m);
}

void netmsg_set_master(struct rtnl_message *m, unsigned index, unsigned master)
{
	begin(m, 0, index);
	rtnl_put_u32(m, IFLA_MASTER, master);
	rtnl_end(m);
}

void netmsg_set_no_ipv6(struct rtnl_message *m, unsigned index)
{
	size_t families, ipv6;

	begin(m, 0, index);
	families = rtnl_begin_nest(m, IFLA_AF_SPEC);
	ipv6 = rtnl_begin_nest(m, AF_INET6);
	rtnl_put_u8(m, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	rtnl_end_nest(m, ipv6);
	rtnl_end_nest(m, families);
	rtnl_end(m);
}

void netmsg_set_primary(struct rtnl_message *m, unsigned index, unsigned primary)
{
	size_t info, data;

	begin(m, 0, index);
	info = rtnl_begin_nest(m, IFLA_LINKINFO);
	rtnl_put_text(m, IFLA_INFO_KIND, kinds[NETCONF_BOND].name);
	data = rtnl_begin_nest(m, IFLA_INFO_DATA);
	rtnl_put_u32(m, IFLA_BOND_PRIMARY, primary);
	rtnl_end_nest(m, data);
	rtnl_end_nest(m, info);
	rtnl_end(m);
}

/* ---- addresses and routes ---- */

/* The address with all bits set behind the prefix. */
static void put_broadcast(struct rtnl_message *m, const struct netaddr *address)
{
	unsigned char all[4];

	memcpy(all, address->bytes, sizeof(all));
	for (unsigned bit = address->length; bit < 8 * sizeof(all); bit++)
		all[bit / 8] |= (unsigned char)(0x80 >> bit % 8);
	rtnl_put(m, IFA_BROADCAST, all, sizeof(all));
}

void netmsg_add_address(struct rtnl_message *m, unsigned index, const struct netaddr *address)
{
	struct ifaddrmsg *head =
		rtnl_begin(m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, sizeof(*head));

	head->ifa_family = (unsigned char)address->family;
	head->ifa_prefixlen = (unsigned char)address->length;
	head->ifa_scope = netaddr_is_link_local(address) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	head->ifa_index = index;
	rtnl_put(m, IFA_LOCAL, address->bytes, netaddr_size(address));
	rtnl_put(m, IFA_ADDRESS, address->bytes, netaddr_size(address));
	if (address->family == AF_INET && address->length <= IPV4_NETWORK_MAX)
		put_broadcast(m, address);
	rtnl_end(m);
}

void netmsg_add_route(struct rtnl_message *m, unsigned index, const struct netconf_route *route)
{
	struct rtmsg *head =
		rtnl_begin(m, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, sizeof(*head));
	bool direct = route->to.family == AF_INET && !route->has_via;

	head->rtm_family = (unsigned char)route->to.family;
	head->rtm_dst_len = (unsigned char)route->to.length;
	head->rtm_table = RT_TABLE_MAIN;
	head->rtm_protocol = RTPROT_STATIC;
	head->rtm_scope = direct ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	head->rtm_type = RTN_UNICAST;
	head->rtm_flags = route->on_link ? RTNH_F_ONLINK : 0;
	if (route->to.length)
		rtnl_put(m, RTA_DST, route->to.bytes, netaddr_size(&route->to));
	if (route->has_via)
		rtnl_put(m, RTA_GATEWAY, route->via.bytes, netaddr_size(&route->via));
	rtnl_put_u32(m, RTA_OIF, index);
	if (route->metric)
		rtnl_put_u32(m, RTA_PRIORITY, route->metric);
	rtnl_end(m);
}
