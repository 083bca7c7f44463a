/* SPDX-License-Identifier: Apache-2.0 */
#include "config/network-values.h"

#include <sys/socket.h>

#include "base/str.h"

static const char *where(const struct checker *c)
{
	return buf_str(&c->where);
}

static bool is_true(const struct node *map, const char *key)
{
	const struct node *n = node_get(map, key);
	bool truth = false;

	return n && node_to_bool(n, &truth) && truth;
}

static bool is_ipv4(const struct netaddr *a)
{
	return a->family == AF_INET;
}

/* Networks whose addresses are no single machine's; the first that has the address counts. */
static const struct {
	const char *network, *fault;
} special[] = {
	{"0.0.0.0/8", "is no machine's address"},
	{"224.0.0.0/4", "is an address of a group, not of a machine"},
	{"255.255.255.255/32", "is the address of all machines, not of one"},
	{"240.0.0.0/4", "is reserved, and no machine's address"},
	{"::/128", "is no machine's address"},
	{"ff00::/8", "is an address of a group, not of a machine"},
};

const char *check_network_machine(const struct netaddr *a)
{
	struct netaddr network;

	for (size_t i = 0; i < ARRAY_SIZE(special); i++)
		if (netaddr_parse_prefix(special[i].network, &network) &&
			netaddr_is_in(a, &network))
			return special[i].fault;
	return NULL;
}

/* 127.0.0.0/8 (RFC 1122 section 3.2.1.3), ::1. */
static bool is_loopback(const struct netaddr *a)
{
	static const unsigned char one[NETADDR_MAX] = {[NETADDR_MAX - 1] = 1};

	return is_ipv4(a) ? a->bytes[0] == 127 : memcmp(a->bytes, one, sizeof(one)) == 0;
}

const char *check_network_router(const struct netaddr *a)
{
	return is_loopback(a) ? "is this machine itself" : check_network_machine(a);
}

const char *check_network_address(const struct netaddr *a)
{
	unsigned host = 8 * (unsigned)netaddr_size(a) - a->length;
	const char *fault = check_network_machine(a);
	struct netaddr top = *a;

	if (fault)
		return fault;
	if (a->length == 0)
		return "has a prefix of no bits, so all other addresses would be on the link";
	if (!is_ipv4(a) || host < 2)
		return NULL;
	if (netaddr_is_network(a))
		return "is the address of the network itself, not of a machine in it";
	for (size_t i = 0; i < NETADDR_MAX; i++)
		top.bytes[i] = (unsigned char)~top.bytes[i];
	return netaddr_is_network(&top) ? "is the network's address for all, not a machine's"
					: NULL;
}

void check_network_match(struct checker *c, const struct node *match)
{
	const struct node *name = node_get(match, NETWORK_KEY_NAME);

	if (match->n == 0)
		checker_add(c, match, "%s needs one of 'mac', 'driver', 'name'", where(c));
	if (name && str_eq(name->text, NETWORK_LOOPBACK))
		checker_add(c, name, "%s: '%s' is no card", where(c), NETWORK_LOOPBACK);
}

/* ---- members ---- */

/* The first element before items[i] with its text, or NULL. */
static const struct node *same_before(const struct node *list, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (str_eq(list->items[k]->text, list->items[i]->text))
			return list->items[k];
	return NULL;
}

static void check_twice(struct checker *c, const struct node *list)
{
	for (size_t i = 1; list && i < list->n && i < NETWORK_INTERFACES_MAX; i++)
		if (same_before(list, i))
			checker_add(c, list->items[i], "%s: '%.80s' is there twice", where(c),
				list->items[i]->text);
}

void check_network_members(struct checker *c, const struct node *of)
{
	check_twice(c, node_get(of, NETWORK_KEY_INTERFACES));
}

/* Only these modes have one member that does more than the others. */
static bool mode_has_primary(const char *mode)
{
	return !mode || str_eq(mode, network_bond_modes[NETWORK_BOND_ACTIVE_BACKUP]) ||
	       str_eq(mode, network_bond_modes[NETWORK_BOND_TLB]) ||
	       str_eq(mode, network_bond_modes[NETWORK_BOND_ALB]);
}

void check_network_bond(struct checker *c, const struct node *bond)
{
	const struct node *members = node_get(bond, NETWORK_KEY_INTERFACES);
	const struct node *primary = node_get(bond, NETWORK_KEY_PRIMARY);
	const char *mode = node_get_text(bond, NETWORK_KEY_MODE);
	bool found = false;

	check_network_members(c, bond);
	if (members->n == 0)
		checker_add(c, members, "%s: a bond needs members", where(c));
	for (size_t i = 0; primary && i < members->n; i++)
		found = found || str_eq(members->items[i]->text, primary->text);
	if (primary && !found && members->n)
		checker_add(c, primary, "%s: the primary '%.80s' is not a member", where(c),
			primary->text);
	if (primary && !mode_has_primary(mode))
		checker_add(c, primary, "%s: in mode %s there is no primary", where(c), mode);
}

/* ---- routes ---- */

void check_network_route(struct checker *c, const struct node *route)
{
	const char *to = node_get_text(route, NETWORK_KEY_TO);
	const struct node *via = node_get(route, NETWORK_KEY_VIA);
	struct netaddr net, router;

	if (!via && (!to || str_eq(to, NETWORK_DEFAULT))) {
		checker_add(c, route, "%s: a default route needs 'via'", where(c));
		checker_hint(c, "to: \"0.0.0.0/0\" or to: \"::/0\" is one without a router");
	} else if (!via && node_get(route, NETWORK_KEY_ON_LINK)) {
		checker_warn(c, node_get(route, NETWORK_KEY_ON_LINK),
			"%s: 'on-link' has no effect without 'via'", where(c));
	}
	if (via && to && netaddr_parse_prefix(to, &net) && netaddr_parse(via->text, &router) &&
		net.family != router.family)
		checker_add(c, via, "%s: %s is %s, and its router %s is not", where(c), to,
			is_ipv4(&net) ? "IPv4" : "IPv6", via->text);
}

/* Is the router in one of the networks? own: whether it is one of the addresses themselves. */
static bool is_reached(const struct node *addresses, const struct netaddr *router, bool *own)
{
	bool reached = netaddr_is_link_local(router);
	struct netaddr a;

	for (size_t i = 0; addresses && i < addresses->n; i++) {
		if (!netaddr_parse_prefix(addresses->items[i]->text, &a) ||
			a.family != router->family)
			continue;
		reached = reached || netaddr_is_in(router, &a);
		*own = *own || memcmp(a.bytes, router->bytes, netaddr_size(&a)) == 0;
	}
	return reached;
}

/* A network's first and last address are not its router's; with `is_reached` before it. */
static const char *router_fault(const struct node *addresses, const struct netaddr *router)
{
	const char *fault = NULL;
	struct netaddr a, in = *router;

	for (size_t i = 0; addresses && i < addresses->n && !fault; i++) {
		if (!netaddr_parse_prefix(addresses->items[i]->text, &a) ||
			!netaddr_is_in(router, &a))
			continue;
		in.length = a.length;
		fault = check_network_address(&in);
	}
	return fault;
}

static void check_router(struct checker *c, const struct node *interface, const struct node *route)
{
	const struct node *addresses = node_get(interface, NETWORK_KEY_ADDRESSES);
	const struct node *via = node_get(route, NETWORK_KEY_VIA);
	struct netaddr router;
	bool own = false, reached;
	const char *fault;

	/* What no router has was said of the route. */
	if (!via || !netaddr_parse(via->text, &router) || check_network_router(&router))
		return;
	reached = is_reached(addresses, &router, &own);
	fault = router_fault(addresses, &router);
	if (fault) {
		checker_add(c, via, "%s: %s %s", where(c), via->text, fault);
	} else if (own) {
		checker_add(c, via, "%s: the router %s is the interface's own address", where(c),
			via->text);
	} else if (!reached && !is_true(route, NETWORK_KEY_ON_LINK)) {
		checker_add(c, via, "%s: the router %s is in no network of the interface", where(c),
			via->text);
		checker_hint(c,
			is_true(interface, NETWORK_KEY_DHCP)
				? "by DHCP the routes come, too; on-link: true is for a router "
				  "that is reached without a network"
				: "'addresses' says which these are; on-link: true is for a router "
				  "that is reached without one");
	}
}

/* ---- an interface ---- */

static void check_kind(struct checker *c, const struct node *interface)
{
	static const char *const kinds[] = {
		NETWORK_KEY_MATCH, NETWORK_KEY_VLAN, NETWORK_KEY_BOND, NETWORK_KEY_BRIDGE};
	const char *first = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct node *n = node_get(interface, kinds[i]);

		if (n && first)
			checker_add(c, n, "%s has both '%s' and '%s'", where(c), first, kinds[i]);
		else if (n)
			first = kinds[i];
	}
}

/* The kernel has made it, and gives it nothing of what a card has. */
static void check_loopback(struct checker *c, const struct node *interface)
{
	static const char *const keys[] = {NETWORK_KEY_MATCH, NETWORK_KEY_VLAN, NETWORK_KEY_BOND,
		NETWORK_KEY_BRIDGE, NETWORK_KEY_DHCP};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct node *n = node_get(interface, keys[i]);
		bool truth = true;

		if (n && (!node_to_bool(n, &truth) || truth))
			checker_add(c, n, "%s: '" NETWORK_LOOPBACK "' is no card, and has no '%s'",
				where(c), keys[i]);
	}
}

static void check_own_loopback(struct checker *c, const struct node *interface)
{
	const struct node *list = node_get(interface, NETWORK_KEY_ADDRESSES);
	struct netaddr a;

	for (size_t i = 0; list && i < list->n; i++) {
		const struct node *n = list->items[i];

		if (!netaddr_parse_prefix(n->text, &a) || !is_loopback(&a))
			continue;
		checker_add(c, n, "%s: %.80s is this machine itself, which only '%s' has", where(c),
			n->text, NETWORK_LOOPBACK);
	}
}

static void check_families(struct checker *c, const struct node *interface)
{
	const struct node *list = node_get(interface, NETWORK_KEY_ADDRESSES);
	const struct node *mtu = node_get(interface, NETWORK_KEY_MTU);
	bool dhcp = is_true(interface, NETWORK_KEY_DHCP);
	struct netaddr a;
	int64_t bytes;

	for (size_t i = 0; list && i < list->n; i++) {
		const struct node *n = list->items[i];

		if (!netaddr_parse_prefix(n->text, &a))
			continue;
		if (dhcp && is_ipv4(&a)) {
			checker_add(c, n, "%s has an IPv4 address, and 'dhcp', which replaces it",
				where(c));
			checker_hint(c, "leave one of them out; IPv6 addresses are no problem");
		}
		if (mtu && !is_ipv4(&a) && node_to_i64(mtu, &bytes) && bytes < NETWORK_MTU_IPV6) {
			checker_add(c, mtu, "%s: IPv6 needs an MTU of at least %d", where(c),
				NETWORK_MTU_IPV6);
			return;
		}
	}
}

/* The kernel counts cards as eth0, eth1 ..., in an order that may change. */
static void warn_name(struct checker *c, const struct node *interface)
{
	const struct node *name = node_get(interface, NETWORK_KEY_NAME);
	const struct node *match = node_get(interface, NETWORK_KEY_MATCH);
	const char *number = str_after(name->text, "eth");
	const char *old = node_get_text(match, NETWORK_KEY_NAME);

	if (!match || !number || number[strspn(number, "0123456789")] ||
		(old && str_eq(old, name->text)))
		return;
	checker_warn(c, name, "%s: another card may have the name '%.80s', as the kernel gives it",
		where(c), name->text);
	checker_hint(c, "choose one that it does not give, such as lan");
}

void check_network_interface(struct checker *c, const struct node *interface)
{
	const struct node *routes = node_get(interface, NETWORK_KEY_ROUTES);
	const struct node *addresses = node_get(interface, NETWORK_KEY_ADDRESSES);

	warn_name(c, interface);
	check_kind(c, interface);
	/* Too many of them are a mistake of the whole, and a route is compared with each. */
	if ((addresses && addresses->n > NETWORK_LIST_MAX) ||
		(routes && routes->n > NETWORK_LIST_MAX))
		return;
	check_twice(c, addresses);
	if (str_eq(node_get_text(interface, NETWORK_KEY_NAME), NETWORK_LOOPBACK))
		check_loopback(c, interface);
	else
		check_own_loopback(c, interface);
	check_families(c, interface);
	for (size_t i = 0; routes && i < routes->n; i++)
		check_router(c, interface, routes->items[i]);
}
