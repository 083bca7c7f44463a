/* SPDX-License-Identifier: Apache-2.0 */
#include "run/link.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>

static struct ifinfomsg *begin(struct rtnl_message *m, unsigned short type, unsigned short flags)
{
	return rtnl_begin(m, type, flags, sizeof(struct ifinfomsg));
}

void link_message_add(
	struct rtnl_message *m, const char *name, const char *kind, const char *peer, pid_t pid)
{
	size_t info;

	begin(m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	rtnl_put_text(m, IFLA_IFNAME, name);
	if (pid)
		rtnl_put_u32(m, IFLA_NET_NS_PID, (uint32_t)pid);
	info = rtnl_begin_nest(m, IFLA_LINKINFO);
	rtnl_put_text(m, IFLA_INFO_KIND, kind);
	if (peer) {
		size_t data = rtnl_begin_nest(m, IFLA_INFO_DATA);
		size_t other = rtnl_begin_nest(m, VETH_INFO_PEER);

		rtnl_reserve(m, sizeof(struct ifinfomsg));
		rtnl_put_text(m, IFLA_IFNAME, peer);
		rtnl_end_nest(m, other);
		rtnl_end_nest(m, data);
	}
	rtnl_end_nest(m, info);
	rtnl_end(m);
}

void link_message_move(struct rtnl_message *m, unsigned index, pid_t pid)
{
	begin(m, RTM_NEWLINK, 0)->ifi_index = (int)index;
	rtnl_put_u32(m, IFLA_NET_NS_PID, (uint32_t)pid);
	rtnl_end(m);
}

void link_message_remove(struct rtnl_message *m, unsigned index)
{
	begin(m, RTM_DELLINK, 0)->ifi_index = (int)index;
	rtnl_end(m);
}

int link_add(const char *name, const char *kind, const char *peer, pid_t pid, struct werr **err)
{
	struct rtnl_message m;
	int r;

	link_message_add(&m, name, kind, peer, pid);
	r = rtnl_talk(&m);
	return r < 0 ? werr_errno(err, -r, "can't create the interface %s of type %s", name, kind)
		     : 0;
}

int link_move(const char *name, pid_t pid, struct werr **err)
{
	unsigned index = if_nametoindex(name);
	struct rtnl_message m;
	int r;

	if (!index)
		return werr_set(err, WERR_NOT_FOUND, "there is no interface %s", name);
	link_message_move(&m, index, pid);
	r = rtnl_talk(&m);
	return r < 0 ? werr_errno(err, -r, "can't move the interface %s into the container", name)
		     : 0;
}

void link_remove(const char *name)
{
	unsigned index = if_nametoindex(name);
	struct rtnl_message m;

	if (!index)
		return;
	link_message_remove(&m, index);
	rtnl_talk(&m);
}
