/* SPDX-License-Identifier: Apache-2.0 */
#include "network/netup.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "common/uptime.h"
#include "init/load.h"
#include "init/uevent.h"
#include "network/card.h"
#include "network/dadwait.h"
#include "network/netmsg.h"
#include "network/nameserver.h"
#include "run/link.h"
#include "tools/args.h"

enum { LOOK_MS = 100, FILE_MAX = 4 << 20, WAIT_MS = 15000 };

enum state { WAITING, THERE, FAILED };

struct netup {
	const struct netconf *conf;
	struct cards cards;
	enum state *states; /* of each interface */
	unsigned *indexes;  /* the kernel's */
	struct werr **err;
	int result;
};

/* ---- what fails ---- */

static void ATTR_PRINTF(3, 4) fail(struct netup *n, int r, const char *fmt, ...)
{
	struct werr *why = NULL;
	va_list ap;
	char *what;

	va_start(ap, fmt);
	what = str_printfv(fmt, ap);
	va_end(ap);
	werr_errno(&why, -r, "%s", what);
	free(what);
	werr_collect(n->err, &n->result, r, why);
}

/* Send a message; what cannot be done is reported. */
static bool tell(struct netup *n, struct rtnl_message *m, const char *name, const char *what)
{
	int r = rtnl_talk(m);

	if (r < 0)
		fail(n, r, "%s: can't %s", name, what);
	return r == 0;
}

/* ---- an interface that is there ---- */

static void refuse_announcements(struct netup *n, const char *name)
{
	CLEANUP(free) char *path = str_printf("/proc/sys/net/ipv6/conf/%s/accept_ra", name);
	CLEANUP(fd) int fd = open(path, O_WRONLY | O_CLOEXEC);

	/* Without IPv6 there are none. */
	if (fd < 0 && errno == ENOENT)
		return;
	if (fd < 0 || write(fd, "0", 1) < 0)
		fail(n, -errno, "%s: can't refuse what routers announce", name);
}

static void add_addresses(struct netup *n, const struct netconf_interface *in, unsigned index)
{
	struct rtnl_message m;

	for (size_t i = 0; i < in->n_addresses; i++) {
		const struct netaddr *a = &in->addresses[i];
		char text[NETADDR_TEXT];
		int r;

		netmsg_add_address(&m, index, a);
		r = rtnl_talk(&m);
		netaddr_format(a, text);
		if (r < 0)
			fail(n, r, "%s: can't add the address %s/%u", in->name, text, a->length);
		else
			printf("network: %s has %s/%u\n", in->name, text, a->length);
	}
}

static void add_routes(struct netup *n, const struct netconf_interface *in, unsigned index)
{
	struct rtnl_message m;

	for (size_t i = 0; i < in->n_routes; i++) {
		const struct netconf_route *route = &in->routes[i];
		char to[NETADDR_TEXT], via[NETADDR_TEXT] = "";
		int r;

		netmsg_add_route(&m, index, route);
		r = rtnl_talk(&m);
		if (r == 0)
			continue;
		netaddr_format(&route->to, to);
		if (route->has_via)
			netaddr_format(&route->via, via);
		fail(n, r, "%s: can't add the route to %s/%u%s%s", in->name, to, route->to.length,
			*via ? " by " : "", via);
	}
}

static const struct netconf_interface *master_of(const struct netconf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n; i++)
		if (strv_has(&conf->interfaces[i].members, name))
			return &conf->interfaces[i];
	return NULL;
}

/* A bond takes only members that are down, and starts them itself. */
static void set_up(struct netup *n, size_t i)
{
	const struct netconf_interface *in = &n->conf->interfaces[i];
	const struct netconf_interface *master = master_of(n->conf, in->name);
	unsigned index = n->indexes[i];
	struct rtnl_message m;

	n->states[i] = THERE;
	if (in->mtu) {
		netmsg_set_mtu(&m, index, in->mtu);
		tell(n, &m, in->name, "set its MTU");
	}
	if (in->no_ra)
		refuse_announcements(n, in->name);
	if (master) {
		netmsg_set_no_ipv6(&m, index);
		rtnl_talk(&m);
	}
	if (master && master->kind == NETCONF_BOND)
		return;
	netmsg_set_up(&m, index, true);
	if (!tell(n, &m, in->name, "bring it up"))
		return;
	add_addresses(n, in, index);
	add_routes(n, in, index);
}

/* ---- cards ---- */

/* Give it its name; a card that is up would keep its own. */
static bool rename_card(struct netup *n, const struct card *card, const char *name)
{
	struct rtnl_message m;

	if (str_eq(card->name, name))
		return true;
	if (card->flags & IFF_UP) {
		netmsg_set_up(&m, card->index, false);
		rtnl_talk(&m);
	}
	netmsg_rename(&m, card->index, name);
	if (!tell(n, &m, card->name, "give it the name that `network` has for it"))
		return false;
	printf("network: %s is now %s\n", card->name, name);
	return true;
}

static void claim(struct netup *n, size_t i)
{
	const struct netconf_interface *in = &n->conf->interfaces[i];
	struct card *card = cards_choose(&n->cards, in);

	if (!card)
		return;
	card->taken = true;
	n->indexes[i] = card->index;
	n->states[i] = FAILED;
	if (rename_card(n, card, in->name))
		set_up(n, i);
}

/* Those that name a card choose before those that take any card of a driver. */
static void claim_cards(struct netup *n)
{
	for (int by_driver = 0; by_driver < 2; by_driver++)
		for (size_t i = 0; i < n->conf->n; i++) {
			const struct netconf_interface *in = &n->conf->interfaces[i];
			bool any = in->driver && !in->has_mac && !in->match_name;

			if (in->kind == NETCONF_CARD && n->states[i] == WAITING && any == by_driver)
				claim(n, i);
		}
}

static void give_up(struct netup *n)
{
	CLEANUP(free) char *list = cards_list(&n->cards);

	for (size_t i = 0; i < n->conf->n; i++) {
		const struct netconf_interface *in = &n->conf->interfaces[i];
		struct werr *why = NULL;

		if (in->kind != NETCONF_CARD || n->states[i] != WAITING)
			continue;
		n->states[i] = FAILED;
		werr_set(&why, WERR_NOT_FOUND, "there is no card for the interface %s", in->name);
		werr_hint(&why, *list ? "the cards that are left: %s" : "no card is left%s", list);
		werr_collect(n->err, &n->result, -ENOENT, why);
	}
}

/* ---- what is made of others ---- */

static bool is_settled(const struct netup *n, const struct netconf_interface *in)
{
	const char *member;

	if (in->link && n->states[netconf_find(n->conf, in->link)] == WAITING)
		return false;
	STRV_FOREACH (member, &in->members)
		if (n->states[netconf_find(n->conf, member)] == WAITING)
			return false;
	return true;
}

static void take_members(struct netup *n, const struct netconf_interface *in, unsigned master)
{
	struct rtnl_message m;
	const char *member;

	STRV_FOREACH (member, &in->members) {
		size_t i = netconf_find(n->conf, member);

		if (n->states[i] != THERE)
			continue;
		netmsg_set_master(&m, n->indexes[i], master);
		if (!tell(n, &m, member, "make it a member"))
			continue;
		if (in->primary && str_eq(in->primary, member)) {
			netmsg_set_primary(&m, master, n->indexes[i]);
			tell(n, &m, in->name, "set its primary member");
		}
	}
}

/* By itself the module makes a bond0, of a mode that nobody asked for. */
static void load_bonding(void)
{
	static const struct load_name bonding = {"bonding", "max_bonds=0"};

	load_by_names(&bonding, 1, NULL);
}

/* One of the same name that an earlier run has made, or the kernel. */
static void remove_earlier(struct netup *n, const char *name)
{
	const struct card *old = cards_read(&n->cards) < 0 ? NULL : cards_find(&n->cards, name);

	if (old && old->made)
		link_remove(name);
}

static void make(struct netup *n, size_t i)
{
	const struct netconf_interface *in = &n->conf->interfaces[i];
	size_t link = in->link ? netconf_find(n->conf, in->link) : 0;
	struct rtnl_message m;
	int r;

	n->states[i] = FAILED;
	if (in->link && n->states[link] == FAILED) {
		fail(n, -ENODEV, "%s: can't be made on %s", in->name, in->link);
		return;
	}
	if (in->kind == NETCONF_BOND)
		load_bonding();
	remove_earlier(n, in->name);
	netmsg_create(&m, in, in->link ? n->indexes[link] : 0);
	r = rtnl_talk(&m);
	n->indexes[i] = if_nametoindex(in->name);
	if (r < 0 || !n->indexes[i]) {
		fail(n, r < 0 ? r : -ENODEV, "%s: can't be made%s", in->name,
			r == -EOPNOTSUPP ? ", as the kernel has no module for it" : "");
		return;
	}
	take_members(n, in, n->indexes[i]);
	set_up(n, i);
}

/* One that is made may be what another is made of. */
static void make_all(struct netup *n)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < n->conf->n; i++) {
			const struct netconf_interface *in = &n->conf->interfaces[i];

			if (in->kind == NETCONF_CARD || n->states[i] != WAITING ||
				!is_settled(n, in))
				continue;
			make(n, i);
			more = true;
		}
	}
}

/* ---- the whole ---- */

static bool waits_for_cards(const struct netup *n)
{
	for (size_t i = 0; i < n->conf->n; i++)
		if (n->conf->interfaces[i].kind == NETCONF_CARD && n->states[i] == WAITING)
			return true;
	return false;
}

static int look(struct netup *n)
{
	int r = cards_read(&n->cards);

	if (r < 0) {
		fail(n, r, "can't list the network cards");
		return r;
	}
	claim_cards(n);
	make_all(n);
	return 0;
}

int netup(const struct netconf *conf, uint64_t wait_ms, struct werr **err)
{
	CLEANUP(free) enum state *states = mem_new_array(enum state, conf->n + 1);
	CLEANUP(free) unsigned *indexes = mem_new_array(unsigned, conf->n + 1);
	CLEANUP(fd) int events = uevent_open();
	struct netup n = {.conf = conf, .states = states, .indexes = indexes, .err = err};
	uint64_t now = uptime_ms(), end = now + wait_ms;

	while (look(&n) == 0 && waits_for_cards(&n) && (now = uptime_ms()) < end)
		uevent_wait(events, end - now < LOOK_MS ? end - now : LOOK_MS, load_for_alias);
	give_up(&n);
	make_all(&n);
	/* A loop is left, which no build writes. */
	for (size_t i = 0; i < conf->n; i++)
		if (states[i] == WAITING)
			fail(&n, -ELOOP, "%s: can't be made", conf->interfaces[i].name);
	cards_cleanup(&n.cards);
	return n.result;
}

static int run(const char *path, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	CLEANUP(netconf) struct netconf *conf = NULL;
	struct werr *why = NULL;
	size_t size;
	int r = file_read(path, FILE_MAX, &text, &size, err), result = 0;

	if (r == 0)
		r = netconf_parse(path, text, size, &conf, err);
	if (r < 0)
		return r;
	/* Name servers first: waiting for cards delays nobody who asks by another. */
	r = nameserver_write(conf, &why);
	werr_collect(err, &result, r, why);
	why = NULL;
	r = netup(conf, WAIT_MS, &why);
	werr_collect(err, &result, r, why);
	why = NULL;
	r = dadwait(conf, &why);
	werr_collect(err, &result, r, why);
	return result;
}

int netup_main(int argc, char **argv)
{
	static const struct arg options[] = {{0}};
	CLEANUP(strv) struct strv words = {0};
	CLEANUP(werr) struct werr *err = NULL;
	int r = args_parse(options, argc, argv, &words, &err);

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (r == 0 && words.n != 1) {
		werr_set(&err, WERR_USAGE, "one file is needed");
		werr_hint(&err, "usage: network FILE");
	} else if (r == 0) {
		run(words.items[0], &err);
	}
	return args_report("network", err);
}
