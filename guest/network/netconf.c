/* SPDX-License-Identifier: Apache-2.0 */
#include "network/netconf.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "contract/wherry.h"
#include "data/json.h"
#include "network/netread.h"

/* ---- match, vlan, bond, bridge ---- */

static int match_name(void *ctx, const struct node *n, struct werr **err)
{
	return netread_name(n, &((struct netconf_interface *)ctx)->match_name, err);
}

static int match_driver(void *ctx, const struct node *n, struct werr **err)
{
	return netread_text(n, &((struct netconf_interface *)ctx)->driver, err);
}

static int match_mac(void *ctx, const struct node *n, struct werr **err)
{
	struct netconf_interface *in = ctx;

	in->has_mac = n->kind == NODE_SCALAR && netaddr_parse_mac(n->text, in->mac);
	return in->has_mac ? 0 : node_error(err, n, "'%.80s' is not a MAC address", n->text);
}

static int vlan_id(void *ctx, const struct node *n, struct werr **err)
{
	uint64_t id;
	int r = netread_number(n, 1, NETWORK_VLAN_MAX, &id, err);

	if (r == 0)
		((struct netconf_interface *)ctx)->vlan = (uint16_t)id;
	return r;
}

static int vlan_link(void *ctx, const struct node *n, struct werr **err)
{
	return netread_name(n, &((struct netconf_interface *)ctx)->link, err);
}

static int members(void *ctx, const struct node *n, struct werr **err)
{
	struct netconf_interface *in = ctx;

	if (n->kind != NODE_LIST)
		return node_error(err, n, "must be a list");
	for (size_t i = 0; i < n->n; i++) {
		CLEANUP(free) char *name = NULL;
		int r = netread_name(n->items[i], &name, err);

		if (r < 0)
			return r;
		strv_add(&in->members, name);
	}
	return 0;
}

static int bond_mode(void *ctx, const struct node *n, struct werr **err)
{
	int mode = contract_word(network_bond_modes, n->kind == NODE_SCALAR ? n->text : NULL);

	if (mode < 0)
		return node_error(err, n, "unknown mode '%.80s'", n->text);
	((struct netconf_interface *)ctx)->mode = (uint8_t)mode;
	return 0;
}

static int bond_primary(void *ctx, const struct node *n, struct werr **err)
{
	return netread_name(n, &((struct netconf_interface *)ctx)->primary, err);
}

static int bridge_stp(void *ctx, const struct node *n, struct werr **err)
{
	return netread_bool(n, &((struct netconf_interface *)ctx)->stp, err);
}

static const struct netread match_readers[] = {{NETWORK_KEY_NAME, match_name},
	{NETWORK_KEY_DRIVER, match_driver}, {NETWORK_KEY_MAC, match_mac}};
static const struct netread vlan_readers[] = {
	{NETWORK_KEY_ID, vlan_id}, {NETWORK_KEY_LINK, vlan_link}};
static const struct netread bond_readers[] = {{NETWORK_KEY_INTERFACES, members},
	{NETWORK_KEY_MODE, bond_mode}, {NETWORK_KEY_PRIMARY, bond_primary}};
static const struct netread bridge_readers[] = {
	{NETWORK_KEY_INTERFACES, members}, {NETWORK_KEY_STP, bridge_stp}};

/* ---- routes ---- */

static int route_to(void *ctx, const struct node *n, struct werr **err)
{
	struct netconf_route *route = ctx;

	if (n->kind == NODE_SCALAR && str_eq(n->text, NETWORK_DEFAULT))
		return 0;
	return netread_address(n, netaddr_parse_prefix, &route->to, err);
}

static int route_via(void *ctx, const struct node *n, struct werr **err)
{
	struct netconf_route *route = ctx;

	route->has_via = true;
	return netread_address(n, netaddr_parse, &route->via, err);
}

static int route_metric(void *ctx, const struct node *n, struct werr **err)
{
	uint64_t metric;
	int r = netread_number(n, 1, UINT32_MAX, &metric, err);

	if (r == 0)
		((struct netconf_route *)ctx)->metric = (uint32_t)metric;
	return r;
}

static int route_on_link(void *ctx, const struct node *n, struct werr **err)
{
	return netread_bool(n, &((struct netconf_route *)ctx)->on_link, err);
}

static int read_route(const struct node *n, struct netconf_route *route, struct werr **err)
{
	static const struct netread readers[] = {{NETWORK_KEY_TO, route_to},
		{NETWORK_KEY_VIA, route_via}, {NETWORK_KEY_METRIC, route_metric},
		{NETWORK_KEY_ON_LINK, route_on_link}};
	int r = netread_map(n, readers, ARRAY_SIZE(readers), route, err);

	if (r < 0)
		return r;
	/* A default route is of its router's family. */
	if (!route->to.family && route->has_via)
		route->to.family = route->via.family;
	if (!route->to.family || (route->has_via && route->to.family != route->via.family))
		return node_error(err, n, "a route needs a 'via' of its family");
	return 0;
}

/* ---- an interface ---- */

static int interface_name(void *ctx, const struct node *n, struct werr **err)
{
	return netread_name(n, &((struct netconf_interface *)ctx)->name, err);
}

static int set_kind(struct netconf_interface *in, enum netconf_kind kind, const struct node *n,
	const struct netread *readers, size_t count, struct werr **err)
{
	if (in->kind != NETCONF_CARD)
		return node_error(err, n, "an interface has only one of vlan, bond, bridge");
	in->kind = kind;
	return netread_map(n, readers, count, in, err);
}

static int interface_match(void *ctx, const struct node *n, struct werr **err)
{
	return set_kind(ctx, NETCONF_CARD, n, match_readers, ARRAY_SIZE(match_readers), err);
}

static int interface_vlan(void *ctx, const struct node *n, struct werr **err)
{
	struct netconf_interface *in = ctx;
	int r = set_kind(in, NETCONF_VLAN, n, vlan_readers, ARRAY_SIZE(vlan_readers), err);

	return r == 0 && (!in->link || !in->vlan) ? node_error(err, n, "needs 'id' and 'link'") : r;
}

static int interface_bond(void *ctx, const struct node *n, struct werr **err)
{
	((struct netconf_interface *)ctx)->mode = NETWORK_BOND_ACTIVE_BACKUP;
	return set_kind(ctx, NETCONF_BOND, n, bond_readers, ARRAY_SIZE(bond_readers), err);
}

static int interface_bridge(void *ctx, const struct node *n, struct werr **err)
{
	return set_kind(ctx, NETCONF_BRIDGE, n, bridge_readers, ARRAY_SIZE(bridge_readers), err);
}

/* The entries of the key dhcp do what it says. */
static int interface_dhcp(ATTR_UNUSED void *ctx, const struct node *n, struct werr **err)
{
	bool dhcp;

	return netread_bool(n, &dhcp, err);
}

static int interface_addresses(void *ctx, const struct node *n, struct werr **err)
{
	struct netconf_interface *in = ctx;
	int r = 0;

	if (n->kind != NODE_LIST || in->addresses)
		return node_error(err, n, "must be a list");
	in->addresses = mem_new_array(struct netaddr, n->n + 1);
	for (size_t i = 0; r == 0 && i < n->n; i++)
		r = netread_address(
			n->items[i], netaddr_parse_prefix, &in->addresses[in->n_addresses++], err);
	return r;
}

static int interface_routes(void *ctx, const struct node *n, struct werr **err)
{
	struct netconf_interface *in = ctx;
	int r = 0;

	if (n->kind != NODE_LIST || in->routes)
		return node_error(err, n, "must be a list");
	in->routes = mem_new_array(struct netconf_route, n->n + 1);
	for (size_t i = 0; r == 0 && i < n->n; i++)
		r = read_route(n->items[i], &in->routes[in->n_routes++], err);
	return r;
}

static int interface_mtu(void *ctx, const struct node *n, struct werr **err)
{
	uint64_t mtu;
	int r = netread_number(n, NETWORK_MTU_MIN, NETWORK_MTU_MAX, &mtu, err);

	if (r == 0)
		((struct netconf_interface *)ctx)->mtu = (uint32_t)mtu;
	return r;
}

static int interface_accept_ra(void *ctx, const struct node *n, struct werr **err)
{
	bool accept = true;
	int r = netread_bool(n, &accept, err);

	((struct netconf_interface *)ctx)->no_ra = !accept;
	return r;
}

static const struct netread interface_readers[] = {
	{NETWORK_KEY_NAME, interface_name},
	{NETWORK_KEY_MATCH, interface_match},
	{NETWORK_KEY_VLAN, interface_vlan},
	{NETWORK_KEY_BOND, interface_bond},
	{NETWORK_KEY_BRIDGE, interface_bridge},
	{NETWORK_KEY_DHCP, interface_dhcp},
	{NETWORK_KEY_ADDRESSES, interface_addresses},
	{NETWORK_KEY_ROUTES, interface_routes},
	{NETWORK_KEY_MTU, interface_mtu},
	{NETWORK_KEY_ACCEPT_RA, interface_accept_ra},
};

/* ---- the whole ---- */

size_t netconf_find(const struct netconf *conf, const char *name)
{
	size_t i = 0;

	while (i < conf->n && !str_eq(conf->interfaces[i].name, name))
		i++;
	return i;
}

static int read_interfaces(void *ctx, const struct node *n, struct werr **err)
{
	struct netconf *conf = ctx;

	if (n->kind != NODE_LIST || n->n > NETWORK_INTERFACES_MAX)
		return node_error(
			err, n, "must be a list of at most %d interfaces", NETWORK_INTERFACES_MAX);
	conf->interfaces = mem_new_array(struct netconf_interface, n->n + 1);
	for (size_t i = 0; i < n->n; i++) {
		struct netconf_interface *in = &conf->interfaces[i];
		int r = netread_map(
			n->items[i], interface_readers, ARRAY_SIZE(interface_readers), in, err);

		if (r == 0 && !in->name)
			r = node_error(err, n->items[i], "an interface needs a name");
		if (r == 0 && netconf_find(conf, in->name) < conf->n)
			r = node_error(err, n->items[i], "there are two interfaces %s", in->name);
		conf->n++;
		if (r < 0)
			return r;
	}
	return 0;
}

static int dns_servers(void *ctx, const struct node *n, struct werr **err)
{
	struct netconf *conf = ctx;
	struct netaddr a;
	int r = 0;

	if (n->kind != NODE_LIST)
		return node_error(err, n, "must be a list");
	for (size_t i = 0; r == 0 && i < n->n; i++) {
		r = netread_address(n->items[i], netaddr_parse, &a, err);
		if (r == 0)
			strv_add(&conf->servers, n->items[i]->text);
	}
	return r;
}

static int dns_search(void *ctx, const struct node *n, struct werr **err)
{
	struct netconf *conf = ctx;

	if (n->kind != NODE_LIST)
		return node_error(err, n, "must be a list");
	for (size_t i = 0; i < n->n; i++) {
		CLEANUP(free) char *domain = NULL;
		int r = netread_text(n->items[i], &domain, err);

		if (r == 0 && strpbrk(domain, " \t\r\n"))
			r = node_error(err, n->items[i], "the domain has a space in it");
		if (r < 0)
			return r;
		strv_add(&conf->search, domain);
	}
	return 0;
}

static int read_dns(void *ctx, const struct node *n, struct werr **err)
{
	static const struct netread readers[] = {
		{NETWORK_KEY_SERVERS, dns_servers}, {NETWORK_KEY_SEARCH, dns_search}};

	return netread_map(n, readers, ARRAY_SIZE(readers), ctx, err);
}

/* What an interface is made of is there. */
static int check_names(const struct netconf *conf, const struct node *root, struct werr **err)
{
	const char *member;

	for (size_t i = 0; i < conf->n; i++) {
		const struct netconf_interface *in = &conf->interfaces[i];

		if (in->link && netconf_find(conf, in->link) == conf->n)
			return node_error(err, root, "there is no interface %s", in->link);
		STRV_FOREACH (member, &in->members)
			if (netconf_find(conf, member) == conf->n)
				return node_error(err, root, "there is no interface %s", member);
	}
	return 0;
}

int netconf_parse(
	const char *name, const char *text, size_t size, struct netconf **ret, struct werr **err)
{
	static const struct netread readers[] = {
		{NETWORK_KEY_INTERFACES, read_interfaces}, {NETWORK_KEY_DNS, read_dns}};
	CLEANUP(netconf) struct netconf *conf = mem_new(struct netconf);
	CLEANUP(document) struct document *d = NULL;
	const char *line = size > 2 && memcmp(text, "#!", 2) == 0 ? memchr(text, '\n', size) : NULL;
	size_t skipped = line ? (size_t)(line - text) : 0;
	int r = json_parse(name, text + skipped, size - skipped, &d, err);

	if (r == 0)
		r = netread_map(d->root, readers, ARRAY_SIZE(readers), conf, err);
	if (r == 0)
		r = check_names(conf, d->root, err);
	if (r == 0)
		*ret = STEAL(conf);
	return r;
}

void netconf_free(struct netconf *conf)
{
	if (!conf)
		return;
	for (size_t i = 0; i < conf->n; i++) {
		struct netconf_interface *in = &conf->interfaces[i];

		free(in->name);
		free(in->match_name);
		free(in->driver);
		free(in->link);
		free(in->primary);
		free(in->addresses);
		free(in->routes);
		strv_clear(&in->members);
	}
	free(conf->interfaces);
	strv_clear(&conf->servers);
	strv_clear(&conf->search);
	free(conf);
}
