/* SPDX-License-Identifier: Apache-2.0 */
/* The interfaces of `network` among each other, all files together. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/model-build.h"
#include "config/network-values.h"

struct interface {
	const struct node *node;
	const char *name;
	const struct node *member_of; /* that lists it in its bond or bridge: its name; or NULL */
	unsigned depth;               /* how it was reached; 0: not yet */
};

struct interfaces {
	struct checker *checker;
	struct interface *items;
	size_t n, cap;
};

static void interfaces_cleanup(struct interfaces *all)
{
	free(all->items);
}

static void collect(const struct config *c, struct interfaces *all)
{
	for (size_t d = 0; d < c->n_documents; d++) {
		const struct node *network = node_get(c->documents[d]->root, "network");
		const struct node *list = node_get(network, NETWORK_KEY_INTERFACES);

		for (size_t i = 0; list && i < list->n; i++) {
			const struct node *n = list->items[i];

			mem_grow(&all->items, all->n, &all->cap, sizeof(*all->items));
			all->items[all->n++] = (struct interface){
				.node = n, .name = node_get_text(n, NETWORK_KEY_NAME)};
		}
	}
}

static struct interface *find(const struct interfaces *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->items[i].name, name))
			return &all->items[i];
	return NULL;
}

static const struct node *name_node(const struct interface *in)
{
	return node_get(in->node, NETWORK_KEY_NAME);
}

/* The interface that n names, which is a member of another or carries a VLAN; NULL: a mistake. */
static struct interface *find_named(const struct interfaces *all, const struct node *n)
{
	struct interface *found = find(all, n->text);
	CLEANUP(free) const char **names = NULL;
	CLEANUP(free) char *suggestion = NULL;

	if (str_eq(n->text, NETWORK_LOOPBACK)) {
		checker_add(all->checker, n, "network: 'lo' is no card, so nothing is made of it");
		return NULL;
	}
	if (found)
		return found;
	names = mem_new_array(const char *, all->n + 1);
	for (size_t i = 0; i < all->n; i++)
		names[i] = all->items[i].name;
	suggestion = check_suggestion(n->text, names);
	checker_add(
		all->checker, n, "network: there is no interface '%.80s'%s", n->text, suggestion);
	checker_hint(
		all->checker, "each card has to be listed, if only as: - name: %.80s", n->text);
	return NULL;
}

/* ---- names and cards ---- */

static void check_names(const struct interfaces *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct interface *in = &all->items[i], *first = find(all, in->name);

		if (first != in)
			checker_add(all->checker, name_node(in),
				"another interface is named '%.80s' (%s:%u)", in->name,
				first->node->document->name, first->node->line);
	}
}

/* What an interface chooses its card by; NULL: not by this. A card's own name chooses as well. */
static const char *chooses_by(const struct interface *in, const char *key)
{
	const struct node *match = node_get(in->node, NETWORK_KEY_MATCH);
	const char *text = node_get_text(match, key);

	if (match || !str_eq(key, NETWORK_KEY_NAME) || node_get(in->node, NETWORK_KEY_VLAN) ||
		node_get(in->node, NETWORK_KEY_BOND) || node_get(in->node, NETWORK_KEY_BRIDGE))
		return text;
	return in->name;
}

static void check_cards(const struct interfaces *all, const char *key, const char *what)
{
	for (size_t i = 1; i < all->n; i++) {
		const char *one = chooses_by(&all->items[i], key);

		for (size_t k = 0; one && k < i; k++) {
			const char *other = chooses_by(&all->items[k], key);

			if (!other || strcasecmp(one, other) != 0 ||
				str_eq(all->items[k].name, all->items[i].name))
				continue;
			checker_add(all->checker, name_node(&all->items[i]),
				"network: '%.80s' and '%.80s' are the same card, that with the "
				"%s %s",
				all->items[k].name, all->items[i].name, what, one);
			break;
		}
	}
}

/* ---- members ---- */

static void check_member(const struct interfaces *all, struct interface *of, const struct node *n)
{
	static const char *const keys[] = {
		NETWORK_KEY_DHCP, NETWORK_KEY_ADDRESSES, NETWORK_KEY_ROUTES, NETWORK_KEY_MTU};
	/* Ports of a bridge have one each. */
	size_t count = ARRAY_SIZE(keys) - (node_get(of->node, NETWORK_KEY_BOND) ? 0 : 1);
	struct interface *in = find_named(all, n);

	if (!in)
		return;
	if (node_get(of->node, NETWORK_KEY_BRIDGE) && node_get(in->node, NETWORK_KEY_BRIDGE)) {
		checker_add(all->checker, n, "network: '%.80s' is a bridge, which can't be in one",
			in->name);
		return;
	}
	if (in->member_of) {
		checker_add(all->checker, n, "network: '%.80s' is already in '%.80s' (line %u)",
			in->name, in->member_of->text, in->member_of->line);
		return;
	}
	in->member_of = name_node(of);
	for (size_t i = 0; i < count; i++) {
		const struct node *value = node_get(in->node, keys[i]);
		bool off = false;

		if (!value || (node_to_bool(value, &off) && !off) ||
			(value->kind == NODE_LIST && value->n == 0))
			continue;
		checker_add(all->checker, value, "network: '%.80s' is in '%.80s', so it has no %s",
			in->name, of->name, keys[i]);
		checker_hint(all->checker, "write it at '%.80s'", of->name);
	}
}

static const struct node *members_of(const struct interface *in)
{
	const struct node *bond = node_get(in->node, NETWORK_KEY_BOND);

	return node_get(
		bond ? bond : node_get(in->node, NETWORK_KEY_BRIDGE), NETWORK_KEY_INTERFACES);
}

static void check_members(const struct interfaces *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct node *list = members_of(&all->items[i]);

		for (size_t k = 0; list && k < list->n; k++)
			check_member(all, &all->items[i], list->items[k]);
	}
}

static const struct node *vlan_link(const struct interface *in)
{
	return node_get(node_get(in->node, NETWORK_KEY_VLAN), NETWORK_KEY_LINK);
}

static int64_t number(const struct node *map, const char *key)
{
	const struct node *n = node_get(map, key);
	int64_t value = 0;

	return n && node_to_i64(n, &value) ? value : 0;
}

static void check_vlan(const struct interfaces *all, const struct interface *in)
{
	const struct node *vlan = node_get(in->node, NETWORK_KEY_VLAN), *link = vlan_link(in);
	const struct interface *on = find_named(all, link);
	int64_t mtu = number(in->node, NETWORK_KEY_MTU);
	int64_t limit = on ? number(on->node, NETWORK_KEY_MTU) : 0;

	if (mtu && limit && mtu > limit)
		checker_add(all->checker, node_get(in->node, NETWORK_KEY_MTU),
			"network: the MTU of '%.80s' is larger than that of '%.80s', which carries "
			"it",
			in->name, on->name);
	for (const struct interface *other = all->items; other < in; other++) {
		const struct node *its = vlan_link(other);

		if (its && str_eq(its->text, link->text) &&
			number(node_get(other->node, NETWORK_KEY_VLAN), NETWORK_KEY_ID) ==
				number(vlan, NETWORK_KEY_ID))
			checker_add(all->checker, node_get(vlan, NETWORK_KEY_ID),
				"network: '%.80s' has the same number on '%.80s'", other->name,
				link->text);
	}
}

/* ---- loops: what is made of something comes after it ---- */

/* Go down from an interface to what it is made of. False: a loop, which was reported. */
static bool descend(const struct interfaces *all, struct interface *in, unsigned depth)
{
	const struct node *list = members_of(in), *link = vlan_link(in);
	struct interface *next;

	if (depth > all->n) {
		checker_add(all->checker, name_node(in), "network: '%.80s' is made of itself",
			in->name);
		return false;
	}
	/* What was reached on a way at least as long has nothing new below it. */
	if (in->depth >= depth)
		return true;
	in->depth = depth;
	next = link ? find(all, link->text) : NULL;
	if (next && !descend(all, next, depth + 1))
		return false;
	for (size_t i = 0; list && i < list->n; i++) {
		next = find(all, list->items[i]->text);
		if (next && !descend(all, next, depth + 1))
			return false;
	}
	return true;
}

static void check_loops(const struct interfaces *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (!descend(all, &all->items[i], 1))
			return;
}

/* ---- addresses and routes ---- */

/* A list of all interfaces' under a key, in order. */
struct flat {
	const struct node **items;
	size_t n, cap;
};
static void flat_cleanup(struct flat *f)
{
	free(f->items);
}

/* No more than NETWORK_LIST_MAX, since each is compared with all before it. */
static void flatten(const struct interfaces *all, const char *key, struct flat *ret)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct node *list = node_get(all->items[i].node, key);

		for (size_t k = 0; list && k < list->n; k++) {
			if (ret->n == NETWORK_LIST_MAX) {
				checker_add(all->checker, list->items[k],
					"network: more than %d %s", NETWORK_LIST_MAX, key);
				return;
			}
			mem_grow(&ret->items, ret->n, &ret->cap, sizeof(*ret->items));
			ret->items[ret->n++] = list->items[k];
		}
	}
}

static void check_addresses(const struct interfaces *all)
{
	CLEANUP(flat) struct flat f = {0};

	flatten(all, NETWORK_KEY_ADDRESSES, &f);
	for (size_t i = 1; i < f.n; i++) {
		struct netaddr a, b;

		if (!netaddr_parse_prefix(f.items[i]->text, &a) || netaddr_is_link_local(&a))
			continue;
		for (size_t k = 0; k < i; k++) {
			if (!netaddr_parse_prefix(f.items[k]->text, &b) || a.family != b.family ||
				memcmp(a.bytes, b.bytes, sizeof(a.bytes)) != 0)
				continue;
			checker_add(all->checker, f.items[i],
				"network: the address %.80s is also on line %u", f.items[i]->text,
				f.items[k]->line);
			break;
		}
	}
}

/* The network of a route: that of `to`, or by the router's family all others. */
static bool destination(const struct node *route, struct netaddr *ret)
{
	const char *to = node_get_text(route, NETWORK_KEY_TO);
	const char *via = node_get_text(route, NETWORK_KEY_VIA);

	if (to && !str_eq(to, NETWORK_DEFAULT))
		return netaddr_parse_prefix(to, ret);
	if (!via || !netaddr_parse(via, ret))
		return false;
	*ret = (struct netaddr){.family = ret->family};
	return true;
}

static void check_routes(const struct interfaces *all)
{
	CLEANUP(flat) struct flat f = {0};

	flatten(all, NETWORK_KEY_ROUTES, &f);
	for (size_t i = 1; i < f.n; i++) {
		struct netaddr a, b;

		if (!destination(f.items[i], &a))
			continue;
		for (size_t k = 0; k < i; k++) {
			if (!destination(f.items[k], &b) || a.family != b.family ||
				a.length != b.length || !netaddr_is_in(&a, &b) ||
				number(f.items[i], NETWORK_KEY_METRIC) !=
					number(f.items[k], NETWORK_KEY_METRIC))
				continue;
			checker_add(all->checker, f.items[i],
				"network: line %u has a route to the same network",
				f.items[k]->line);
			checker_hint(all->checker, "give one of them another 'metric'; the smaller "
						   "one counts");
			break;
		}
	}
}

/* ---- the rest of the configuration ---- */

/* Servers of all files together; and a file that the program could not write to. */
static void check_dns(const struct config *c, struct checker *checker)
{
	const struct node *first = NULL;
	size_t count = 0;

	for (size_t d = 0; d < c->n_documents; d++) {
		const struct node *dns =
			node_get(node_get(c->documents[d]->root, "network"), NETWORK_KEY_DNS);
		const struct node *list = node_get(dns, NETWORK_KEY_SERVERS);

		first = first ? first : dns;
		for (size_t i = 0; list && i < list->n; i++)
			if (++count == NETWORK_SERVERS_MAX + 1)
				checker_warn(checker, list->items[i],
					"no resolver asks more than three DNS servers: this "
					"one has no effect");
	}
	for (size_t i = 0; first && i < c->n_files; i++)
		if (str_eq(c->files[i].path, "etc/resolv.conf") &&
			c->files[i].kind != FILE_SYMLINK) {
			checker_add(checker, node_get(c->files[i].node, "path"),
				"/etc/resolv.conf can't come from here and from 'network.dns' "
				"(line %u)",
				first->line);
			checker_hint(checker, "leave this file out");
		}
}

void config_check_network(const struct config *c, struct checker *checker)
{
	CLEANUP(interfaces) struct interfaces all = {.checker = checker};

	/* What follows takes it for granted that each has the right form. */
	if (checker->n_errors > 0)
		return;
	collect(c, &all);
	if (all.n > NETWORK_INTERFACES_MAX) {
		checker_add(checker, all.items[NETWORK_INTERFACES_MAX].node,
			"network: more than %d interfaces", NETWORK_INTERFACES_MAX);
		return;
	}
	check_names(&all);
	check_cards(&all, NETWORK_KEY_NAME, "name");
	check_cards(&all, NETWORK_KEY_MAC, "MAC address");
	check_members(&all);
	for (size_t i = 0; i < all.n; i++)
		if (vlan_link(&all.items[i]))
			check_vlan(&all, &all.items[i]);
	check_loops(&all);
	check_addresses(&all);
	check_routes(&all);
	check_dns(c, checker);
}
