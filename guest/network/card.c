/* SPDX-License-Identifier: Apache-2.0 */
#include "network/card.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "common/rtnl.h"

#ifndef IFLA_PERM_ADDRESS
#define IFLA_PERM_ADDRESS 54
#endif

enum { CARD_DRIVER = 33 };

/* ---- all of them ---- */

static bool is_made(const void *attributes, size_t size)
{
	static const char *const kinds[] = {"vlan", "bond", "bridge"};
	size_t info_size, kind_size;
	const void *info = rtnl_find(attributes, size, IFLA_LINKINFO, &info_size);
	const char *kind = info ? rtnl_find(info, info_size, IFLA_INFO_KIND, &kind_size) : NULL;

	for (size_t i = 0; kind && i < ARRAY_SIZE(kinds); i++)
		if (kind_size == strlen(kinds[i]) + 1 && memcmp(kind, kinds[i], kind_size) == 0)
			return true;
	return false;
}

static void add_card(unsigned short type, const void *p, size_t size, void *ctx)
{
	const struct ifinfomsg *info = p;
	size_t head = NLMSG_ALIGN(sizeof(*info)), name_size = 0, mac_size = 0;
	const char *attributes = (const char *)p + head, *name;
	const void *mac;
	struct cards *cards = ctx;
	struct card *card;

	if (type != RTM_NEWLINK || size < head)
		return;
	size -= head;
	name = rtnl_find(attributes, size, IFLA_IFNAME, &name_size);
	if (!name || name_size == 0 || name_size > CARD_NAME || name[name_size - 1])
		return;
	mem_grow(&cards->items, cards->n, &cards->cap, sizeof(*cards->items));
	card = &cards->items[cards->n++];
	*card = (struct card){.index = (unsigned)info->ifi_index,
		.flags = info->ifi_flags,
		.made = is_made(attributes, size)};
	memcpy(card->name, name, name_size);
	/* Members of a bond have its address, but keep what they were made with. */
	mac = rtnl_find(attributes, size, IFLA_PERM_ADDRESS, &mac_size);
	if (!mac || mac_size != NETADDR_MAC)
		mac = rtnl_find(attributes, size, IFLA_ADDRESS, &mac_size);
	card->has_mac = mac && mac_size == NETADDR_MAC && !(info->ifi_flags & IFF_LOOPBACK);
	if (card->has_mac)
		memcpy(card->mac, mac, NETADDR_MAC);
}

static int compare_indexes(const void *a, const void *b)
{
	const struct card *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

int cards_read(struct cards *cards)
{
	struct cards fresh = {0};
	int r = rtnl_dump(RTM_GETLINK, add_card, &fresh);

	if (r < 0) {
		cards_cleanup(&fresh);
		return r;
	}
	if (fresh.n > 1)
		qsort(fresh.items, fresh.n, sizeof(*fresh.items), compare_indexes);
	for (size_t i = 0; i < fresh.n; i++)
		for (size_t k = 0; k < cards->n; k++)
			if (cards->items[k].index == fresh.items[i].index)
				fresh.items[i].taken = cards->items[k].taken;
	cards_cleanup(cards);
	*cards = fresh;
	return 0;
}

void cards_cleanup(struct cards *cards)
{
	free(cards->items);
	*cards = (struct cards){0};
}

/* ---- one of them ---- */

/* The driver's name; "" when it says none. */
static void card_driver(const char *name, char ret[static CARD_DRIVER])
{
	CLEANUP(fd) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq request = {.ifr_data = (void *)&info};

	ret[0] = '\0';
	if (fd < 0 || str_copy(request.ifr_name, sizeof(request.ifr_name), name) < 0 ||
		ioctl(fd, SIOCETHTOOL, &request) < 0)
		return;
	memcpy(ret, info.driver, sizeof(info.driver));
	ret[sizeof(info.driver)] = '\0';
}

static bool is_meant(const struct card *card, const struct netconf_interface *in, const char *name)
{
	char driver[CARD_DRIVER];

	if (card->taken || card->made || (name && !str_eq(card->name, name)))
		return false;
	if (in->has_mac && (!card->has_mac || memcmp(card->mac, in->mac, NETADDR_MAC) != 0))
		return false;
	if (!in->driver)
		return true;
	card_driver(card->name, driver);
	return str_eq(driver, in->driver);
}

static struct card *choose(
	const struct cards *cards, const struct netconf_interface *in, const char *name)
{
	for (size_t i = 0; i < cards->n; i++)
		if (is_meant(&cards->items[i], in, name))
			return &cards->items[i];
	return NULL;
}

struct card *cards_choose(const struct cards *cards, const struct netconf_interface *in)
{
	struct card *card = NULL;

	if (in->match_name || (!in->has_mac && !in->driver))
		card = choose(cards, in, in->match_name ? in->match_name : in->name);
	else
		card = choose(cards, in, NULL);
	/* It has its name already, when this is not the first time. */
	return card || !in->match_name ? card : choose(cards, in, in->name);
}

const struct card *cards_find(const struct cards *cards, const char *name)
{
	for (size_t i = 0; i < cards->n; i++)
		if (str_eq(cards->items[i].name, name))
			return &cards->items[i];
	return NULL;
}

char *cards_list(const struct cards *cards)
{
	CLEANUP(strv) struct strv all = {0};

	for (size_t i = 0; i < cards->n; i++) {
		const struct card *c = &cards->items[i];
		char driver[CARD_DRIVER];

		if (c->taken || c->made || !c->has_mac)
			continue;
		card_driver(c->name, driver);
		strv_addf(&all, "%s (%02x:%02x:%02x:%02x:%02x:%02x%s%s)", c->name, c->mac[0],
			c->mac[1], c->mac[2], c->mac[3], c->mac[4], c->mac[5], *driver ? ", " : "",
			driver);
	}
	return strv_join(&all, ", ");
}
