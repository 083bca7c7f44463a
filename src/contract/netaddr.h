/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of the network in text: IPv4 (dotted), IPv6 (RFC 4291 section 2.2), prefixes, MACs. */
#ifndef WHERRY_CONTRACT_NETADDR_H
#define WHERRY_CONTRACT_NETADDR_H

#include <stdbool.h>
#include <stddef.h>

enum { NETADDR_MAX = 16, NETADDR_MAC = 6, NETADDR_TEXT = 46 };

struct netaddr {
	int family;                       /* AF_INET, AF_INET6 */
	unsigned char bytes[NETADDR_MAX]; /* netaddr_size() of them, in the network's order */
	unsigned length;                  /* of the prefix, in bits; that of an address: all */
};

/* "192.0.2.1", "2001:db8::1". False, with nothing set, when text is not one; so are all below. */
bool netaddr_parse(const char *text, struct netaddr *ret);
/* An address with "/LENGTH", a decimal number. */
bool netaddr_parse_prefix(const char *text, struct netaddr *ret);
/* "52:54:00:12:34:56", in any case. */
bool netaddr_parse_mac(const char *text, unsigned char ret[static NETADDR_MAC]);

/* The bytes of an address: 4 or 16. */
size_t netaddr_size(const struct netaddr *a);
/* Is the address in the network? False for another family. */
bool netaddr_is_in(const struct netaddr *address, const struct netaddr *network);
/* fe80::/10: reachable on each interface. */
bool netaddr_is_link_local(const struct netaddr *a);
/* Are all bits behind the prefix 0? */
bool netaddr_is_network(const struct netaddr *a);
/* The address in text, and with the bits behind the prefix 0; ret has its NUL. */
void netaddr_format(const struct netaddr *a, char ret[static NETADDR_TEXT]);
void netaddr_format_network(const struct netaddr *a, char ret[static NETADDR_TEXT]);

#endif
