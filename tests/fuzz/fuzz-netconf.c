/* SPDX-License-Identifier: Apache-2.0 */
/* The file that the machine's network is read from, and the messages that are made of it. */
#include <stdint.h>

#include "network/nameserver.h"
#include "network/netconf.h"
#include "network/netmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_messages(const struct netconf_interface *in)
{
	struct rtnl_message m;

	if (in->kind != NETCONF_CARD)
		netmsg_create(&m, in, 1);
	netmsg_rename(&m, 1, in->name);
	for (size_t i = 0; i < in->n_addresses; i++)
		netmsg_add_address(&m, 1, &in->addresses[i]);
	for (size_t i = 0; i < in->n_routes; i++)
		netmsg_add_route(&m, 1, &in->routes[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(netconf) struct netconf *conf = NULL;
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 20);

	if (netconf_parse("network", (const char *)data, size, &conf, NULL) < 0)
		return 0;
	nameserver_format(conf, &out);
	for (size_t i = 0; i < conf->n; i++)
		make_messages(&conf->interfaces[i]);
	return 0;
}
