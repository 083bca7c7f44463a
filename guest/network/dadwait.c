/* SPDX-License-Identifier: Apache-2.0 */
#include "network/dadwait.h"

#include <errno.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "common/rtnl.h"
#include "common/uptime.h"
#include "network/card.h"

/* A card needs a moment to see its link; one that has none is not waited for longer. */
enum { DAD_MS = 4000, LINK_MS = 1500, LOOK_US = 50000 };

struct look {
	const struct netconf *conf;
	struct cards cards;
	size_t tentative;
	uint64_t link_end; /* until then a card without a link may get one */
	struct werr **err; /* NULL: failures are not reported yet */
	int result;
};

static const struct netconf_interface *find(const struct look *l, unsigned index, bool *linked)
{
	for (size_t i = 0; i < l->cards.n; i++) {
		size_t k = netconf_find(l->conf, l->cards.items[i].name);

		*linked = (l->cards.items[i].flags & IFF_RUNNING) != 0;
		if (l->cards.items[i].index == index && k < l->conf->n)
			return &l->conf->interfaces[k];
	}
	return NULL;
}

static bool has(const struct netconf_interface *in, const void *address, size_t size)
{
	for (size_t i = 0; i < in->n_addresses; i++)
		if (in->addresses[i].family == AF_INET6 && size == NETADDR_MAX &&
			memcmp(in->addresses[i].bytes, address, size) == 0)
			return true;
	return false;
}

static void note(unsigned short type, const void *p, size_t size, void *ctx)
{
	const struct ifaddrmsg *head = p;
	size_t skip = NLMSG_ALIGN(sizeof(*head)), address_size = 0;
	const struct netconf_interface *in;
	struct netaddr a = {.family = AF_INET6};
	char text[NETADDR_TEXT];
	struct look *l = ctx;
	bool linked = false;
	struct werr *why = NULL;
	const void *address;

	if (type != RTM_NEWADDR || size < skip || head->ifa_family != AF_INET6)
		return;
	address = rtnl_find((const char *)p + skip, size - skip, IFA_ADDRESS, &address_size);
	in = find(l, head->ifa_index, &linked);
	if (!in || !address || !has(in, address, address_size))
		return;
	if ((head->ifa_flags & IFA_F_TENTATIVE) && !(head->ifa_flags & IFA_F_DADFAILED) &&
		(linked || uptime_ms() < l->link_end))
		l->tentative++;
	if (!(head->ifa_flags & IFA_F_DADFAILED) || !l->err)
		return;
	memcpy(a.bytes, address, sizeof(a.bytes));
	netaddr_format(&a, text);
	werr_set(&why, WERR_EXISTS, "%s: another machine has the address %s", in->name, text);
	werr_collect(l->err, &l->result, -EEXIST, why);
}

static bool is_wanted(const struct netconf *conf)
{
	for (size_t i = 0; i < conf->n; i++)
		for (size_t k = 0; k < conf->interfaces[i].n_addresses; k++)
			if (conf->interfaces[i].addresses[k].family == AF_INET6)
				return true;
	return false;
}

int dadwait(const struct netconf *conf, struct werr **err)
{
	struct look l = {.conf = conf, .link_end = uptime_ms() + LINK_MS};
	uint64_t end = uptime_ms() + DAD_MS;

	if (!is_wanted(conf))
		return 0;
	do {
		if (l.tentative)
			usleep(LOOK_US);
		l.tentative = 0;
		if (cards_read(&l.cards) < 0 || rtnl_dump(RTM_GETADDR, note, &l) < 0)
			break;
	} while (l.tentative && uptime_ms() < end);
	l.err = err;
	rtnl_dump(RTM_GETADDR, note, &l);
	cards_cleanup(&l.cards);
	return l.result;
}
