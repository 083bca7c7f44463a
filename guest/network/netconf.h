/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the network is to be: the JSON that the build writes (contract/network.h), or somebody by
 * hand. It is read in whole before anything is changed.
 */
#ifndef WHERRY_GUEST_NETCONF_H
#define WHERRY_GUEST_NETCONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "contract/netaddr.h"
#include "contract/network.h"

struct netconf_route {
	struct netaddr to; /* length 0: default */
	bool has_via;
	struct netaddr via;
	uint32_t metric; /* 0: the kernel's */
	bool on_link;
};

enum netconf_kind { NETCONF_CARD, NETCONF_VLAN, NETCONF_BOND, NETCONF_BRIDGE };

struct netconf_interface {
	char *name;
	enum netconf_kind kind;
	/* A card: what it is chosen by. With none of them it is the one that has the name. */
	char *match_name, *driver;
	bool has_mac;
	unsigned char mac[NETADDR_MAC];
	/* A VLAN. */
	char *link;
	uint16_t vlan;
	/* A bond or bridge. */
	struct strv members;
	uint8_t mode;
	char *primary; /* or NULL */
	bool stp;
	/* All of them. */
	bool no_ra;
	uint32_t mtu; /* 0: the driver's */
	struct netaddr *addresses;
	size_t n_addresses;
	struct netconf_route *routes;
	size_t n_routes;
};

struct netconf {
	struct netconf_interface *interfaces;
	size_t n;
	struct strv servers, search;
};

/*
 * Read it. A first line that begins with "#!" is left out. name is for errors. Names are unique,
 * and those of members are among them.
 */
int netconf_parse(
	const char *name, const char *text, size_t size, struct netconf **ret, struct werr **err);
void netconf_free(struct netconf *conf);
DEFINE_CLEANUP(struct netconf *, netconf_free, netconf)

/* The index of an interface; conf->n: there is none. */
size_t netconf_find(const struct netconf *conf, const char *name);

#endif
