/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of `network`, and the forms of their values; network-check.c has what depends on more
 * than one. */
#include <sys/socket.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/network-values.h"
#include "contract/netaddr.h"

#define IP_PATTERN "^[0-9A-Fa-f.:]+$"

/* ---- values ---- */

static const char *where(const struct checker *c)
{
	return buf_str(&c->where);
}

static void check_interface_name(struct checker *c, const struct node *n)
{
	const char *fault = network_name_fault(n->text);

	if (fault)
		checker_add(c, n, "%s: the name '%.80s' %s", where(c), n->text, fault);
}

static const struct form form_interface_name = {.check = check_interface_name,
	.pattern = "^(?!(all|default|bonding_masters|[.][.]?)$)"
		   "[A-Za-z0-9_.@][A-Za-z0-9_.@-]{0,14}$"};

static void check_mac(struct checker *c, const struct node *n)
{
	unsigned char mac[NETADDR_MAC];

	if (netaddr_parse_mac(n->text, mac))
		return;
	checker_add(c, n, "%s: '%.80s' is not a MAC address", where(c), n->text);
	checker_hint(c, "write it in quotes, as in \"52:54:00:12:34:56\"");
}

static const struct form form_mac = {
	.check = check_mac, .pattern = "^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$"};

static void check_address(struct checker *c, const struct node *n)
{
	struct netaddr a;

	if (netaddr_parse(n->text, &a))
		return;
	checker_add(c, n, "%s: '%.80s' is not an IP address", where(c), n->text);
	checker_hint(c, "write it as 192.0.2.1 or 2001:db8::1; names are not looked up");
}

/* An address that is one of a machine, or of another machine. */
static void check_use(
	struct checker *c, const struct node *n, const char *(*fault_of)(const struct netaddr *))
{
	struct netaddr a;
	const char *fault;

	check_address(c, n);
	fault = netaddr_parse(n->text, &a) ? fault_of(&a) : NULL;
	if (fault)
		checker_add(c, n, "%s: %.80s %s", where(c), n->text, fault);
}

static void check_via(struct checker *c, const struct node *n)
{
	check_use(c, n, check_network_router);
}

static const struct form form_via = {.check = check_via, .pattern = IP_PATTERN};

/* One of this machine itself, too. */
static void check_server(struct checker *c, const struct node *n)
{
	check_use(c, n, check_network_machine);
}

static const struct form form_server = {.check = check_server, .pattern = IP_PATTERN};

static void check_own_address(struct checker *c, const struct node *n)
{
	struct netaddr a;
	bool only = netaddr_parse(n->text, &a);

	if (!only && netaddr_parse_prefix(n->text, &a)) {
		const char *fault = check_network_address(&a);

		if (fault)
			checker_add(c, n, "%s: %.80s %s", where(c), n->text, fault);
		return;
	}
	checker_add(c, n, "%s: '%.80s' is not an IP address with the length of its prefix",
		where(c), n->text);
	checker_hint(c, "write %s%s", only ? n->text : "it as 192.0.2.1/24 or 2001:db8::1/64",
		!only                 ? ""
		: a.family == AF_INET ? "/24, or how long it is"
				      : "/64, or how long it is");
}

static const struct form form_own_address = {
	.check = check_own_address, .pattern = "^[0-9A-Fa-f.:]+/[0-9]{1,3}$"};

static void check_destination(struct checker *c, const struct node *n)
{
	char network[NETADDR_TEXT];
	struct netaddr a;

	if (str_eq(n->text, NETWORK_DEFAULT))
		return;
	if (!netaddr_parse_prefix(n->text, &a)) {
		checker_add(c, n, "%s: '%.80s' is not a network", where(c), n->text);
		checker_hint(c, "write it as 10.0.0.0/8 or 2001:db8::/32; a single address has "
				"/32 or /128, and default is all others");
	} else if (!netaddr_is_network(&a)) {
		checker_add(c, n, "%s: %.80s is not a network: it has bits behind its prefix",
			where(c), n->text);
		netaddr_format_network(&a, network);
		checker_hint(c, "the network is %s/%u; a single address has /%u", network, a.length,
			8 * (unsigned)netaddr_size(&a));
	}
}

static const struct form form_destination = {
	.check = check_destination, .pattern = "^(default|[0-9A-Fa-f.:]+/[0-9]{1,3})$"};

/* What a resolver takes as one word. */
static void check_domain(struct checker *c, const struct node *n)
{
	static const char valid[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_.";

	if (n->size > 0 && n->size < 254 && strspn(n->text, valid) == n->size)
		return;
	checker_add(c, n, "%s: '%.80s' is not the name of a domain", where(c), n->text);
}

static const struct form form_domain = {
	.check = check_domain, .pattern = "^[A-Za-z0-9_.-]{1,253}$"};

/* ---- tables ---- */

static const char *const match_any[] = {
	NETWORK_KEY_MAC, NETWORK_KEY_DRIVER, NETWORK_KEY_NAME, NULL};

static const struct key match_keys[] = {
	{NETWORK_KEY_MAC, KEY_TEXT, 0, "its MAC address", .form = &form_mac},
	{NETWORK_KEY_DRIVER, KEY_TEXT, KEY_NOT_EMPTY,
		"its driver, such as virtio_net; of several cards the first that is left"},
	{NETWORK_KEY_NAME, KEY_TEXT, 0, "the kernel's name for it, such as eth0",
		.form = &form_interface_name},
};
static const struct key_map match_map = {.name = "match",
	.keys = match_keys,
	.n = ARRAY_SIZE(match_keys),
	.check = check_network_match,
	.one_of = match_any};

static const struct key route_keys[] = {
	{NETWORK_KEY_TO, KEY_TEXT, 0, "a network, or default (default: default)",
		.form = &form_destination},
	{NETWORK_KEY_VIA, KEY_TEXT, 0, "the router (default: none, the network is on the link)",
		.form = &form_via},
	{NETWORK_KEY_METRIC, KEY_NUMBER, 0,
		"of several routes to a network the smallest counts (default: the kernel's)",
		.min = 1, .max = UINT32_MAX},
	{NETWORK_KEY_ON_LINK, KEY_BOOL, 0,
		"the router is on the link, though in no network of the interface"},
};
static const struct key_map route_map = {.name = "route",
	.keys = route_keys,
	.n = ARRAY_SIZE(route_keys),
	.check = check_network_route};

static const struct key vlan_keys[] = {
	{NETWORK_KEY_ID, KEY_NUMBER, KEY_REQUIRED, "its number, from 1 to 4094", .min = 1,
		.max = NETWORK_VLAN_MAX},
	{NETWORK_KEY_LINK, KEY_TEXT, KEY_REQUIRED, "the interface that carries it",
		.form = &form_interface_name},
};
static const struct key_map vlan_map = KEY_MAP_OF("vlan", vlan_keys);

static const struct key bond_keys[] = {
	{NETWORK_KEY_INTERFACES, KEY_TEXT, KEY_LIST | KEY_REQUIRED, "its members",
		.form = &form_interface_name},
	{NETWORK_KEY_MODE, KEY_TEXT, 0, "how they share the work (default: active-backup)",
		.values = network_bond_modes},
	{NETWORK_KEY_PRIMARY, KEY_TEXT, 0, "the member that is used while it works (default: none)",
		.form = &form_interface_name},
};
static const struct key_map bond_map = {
	.name = "bond", .keys = bond_keys, .n = ARRAY_SIZE(bond_keys), .check = check_network_bond};

static const struct key bridge_keys[] = {
	{NETWORK_KEY_INTERFACES, KEY_TEXT, KEY_LIST | KEY_REQUIRED, "its members; [] for none",
		.form = &form_interface_name},
	{NETWORK_KEY_STP, KEY_BOOL, 0, "spanning tree: finds loops, and delays each port by 30 s"},
};
static const struct key_map bridge_map = {.name = "bridge",
	.keys = bridge_keys,
	.n = ARRAY_SIZE(bridge_keys),
	.check = check_network_members};

static const struct key interface_keys[] = {
	{NETWORK_KEY_NAME, KEY_TEXT, KEY_REQUIRED,
		"its name in the OS; without one of the next four the card that has it",
		.form = &form_interface_name},
	{NETWORK_KEY_MATCH, KEY_MAP, 0, "the card that gets this name", .map = &match_map},
	{NETWORK_KEY_VLAN, KEY_MAP, 0, "it is a VLAN", .map = &vlan_map},
	{NETWORK_KEY_BOND, KEY_MAP, 0, "it is several cards as one", .map = &bond_map},
	{NETWORK_KEY_BRIDGE, KEY_MAP, 0, "it is a switch with these ports", .map = &bridge_map},
	{NETWORK_KEY_DHCP, KEY_BOOL, 0, "its IPv4 address, routes and DNS servers come by DHCP"},
	{NETWORK_KEY_ADDRESSES, KEY_TEXT, KEY_LIST, "its addresses: ADDRESS/LENGTH",
		.form = &form_own_address},
	{NETWORK_KEY_ROUTES, KEY_MAP, KEY_LIST, "what is reached by it", .map = &route_map},
	{NETWORK_KEY_MTU, KEY_NUMBER, 0, "bytes in a packet (default: the driver's)",
		.min = NETWORK_MTU_MIN, .max = NETWORK_MTU_MAX},
	{NETWORK_KEY_ACCEPT_RA, KEY_BOOL, 0,
		"take IPv6 addresses and routes that routers announce (default: true)"},
};
static const struct key_map interface_map = {.name = "network-interface",
	.keys = interface_keys,
	.n = ARRAY_SIZE(interface_keys),
	.check = check_network_interface};

static const struct key dns_keys[] = {
	{NETWORK_KEY_SERVERS, KEY_TEXT, KEY_LIST, "addresses of DNS servers, the first three count",
		.form = &form_server},
	{NETWORK_KEY_SEARCH, KEY_TEXT, KEY_LIST, "domains that short names are looked for in",
		.form = &form_domain},
};
static const struct key_map dns_map = KEY_MAP_OF("dns", dns_keys);

static const struct key network_keys[] = {
	{NETWORK_KEY_INTERFACES, KEY_MAP, KEY_LIST, "cards, and what is made of them",
		.map = &interface_map},
	{NETWORK_KEY_DNS, KEY_MAP, 0, "how names are looked up", .map = &dns_map},
};
const struct key_map schema_network = KEY_MAP_OF("networking", network_keys);
