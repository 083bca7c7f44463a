/* SPDX-License-Identifier: Apache-2.0 */
/* The interfaces that the kernel has, and which of them is meant. */
#ifndef WHERRY_GUEST_CARD_H
#define WHERRY_GUEST_CARD_H

#include "network/netconf.h"

enum { CARD_NAME = 16 };

struct card {
	unsigned index;
	char name[CARD_NAME];
	unsigned flags; /* IFF_UP ... */
	bool made;      /* of others: a VLAN, a bond, a bridge */
	bool has_mac;
	unsigned char mac[NETADDR_MAC]; /* its own, not that of its bond */
	bool taken;                     /* an interface of a netconf is this one */
};

struct cards {
	struct card *items; /* in the kernel's order, in which they were found */
	size_t n, cap;
};

/* Read them anew; those that were taken stay so. 0 or -errno. */
int cards_read(struct cards *cards);
void cards_cleanup(struct cards *cards);

/* The card of an interface, which is not taken; NULL: it is not there (yet). */
struct card *cards_choose(const struct cards *cards, const struct netconf_interface *in);
const struct card *cards_find(const struct cards *cards, const char *name); /* NULL: none */
/* "eth0 (52:54:00:12:34:56, virtio_net), ...", of those that are not taken. Owned by the caller. */
char *cards_list(const struct cards *cards);

#endif
