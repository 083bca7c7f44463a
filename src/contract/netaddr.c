/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/netaddr.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

size_t netaddr_size(const struct netaddr *a)
{
	return a->family == AF_INET ? 4 : 16;
}

bool netaddr_parse(const char *text, struct netaddr *ret)
{
	struct netaddr a = {.family = strchr(text, ':') ? AF_INET6 : AF_INET};

	if (inet_pton(a.family, text, a.bytes) != 1)
		return false;
	a.length = 8 * (unsigned)netaddr_size(&a);
	*ret = a;
	return true;
}

bool netaddr_parse_prefix(const char *text, struct netaddr *ret)
{
	const char *slash = strchr(text, '/');
	CLEANUP(free) char *address = slash ? str_dup_n(text, (size_t)(slash - text)) : NULL;
	struct netaddr a;
	uint64_t length;

	if (!address || !netaddr_parse(address, &a) || slash[1] < '0' || slash[1] > '9' ||
		str_to_u64(slash + 1, 10, &length) < 0 || length > a.length)
		return false;
	a.length = (unsigned)length;
	*ret = a;
	return true;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)((at - digits) % 16) : -1;
}

bool netaddr_parse_mac(const char *text, unsigned char ret[static NETADDR_MAC])
{
	unsigned char mac[NETADDR_MAC];

	if (strlen(text) != 3 * NETADDR_MAC - 1)
		return false;
	for (size_t i = 0; i < NETADDR_MAC; i++) {
		int high = hex_digit(text[3 * i]), low = hex_digit(text[3 * i + 1]);

		if (high < 0 || low < 0 || (i + 1 < NETADDR_MAC && text[3 * i + 2] != ':'))
			return false;
		mac[i] = (unsigned char)(high << 4 | low);
	}
	memcpy(ret, mac, sizeof(mac));
	return true;
}

/* Do the first n bits agree? */
static bool bits_agree(const unsigned char *a, const unsigned char *b, unsigned n)
{
	unsigned rest = n % 8;

	return memcmp(a, b, n / 8) == 0 && (!rest || (a[n / 8] ^ b[n / 8]) >> (8 - rest) == 0);
}

bool netaddr_is_in(const struct netaddr *address, const struct netaddr *network)
{
	return address->family == network->family &&
	       bits_agree(address->bytes, network->bytes, network->length);
}

bool netaddr_is_link_local(const struct netaddr *a)
{
	static const unsigned char link_local[NETADDR_MAX] = {0xfe, 0x80};

	return a->family == AF_INET6 && bits_agree(a->bytes, link_local, 10);
}

bool netaddr_is_network(const struct netaddr *a)
{
	for (unsigned bit = a->length; bit < 8 * netaddr_size(a); bit++)
		if (a->bytes[bit / 8] & 0x80 >> bit % 8)
			return false;
	return true;
}

void netaddr_format(const struct netaddr *a, char ret[static NETADDR_TEXT])
{
	inet_ntop(a->family, a->bytes, ret, NETADDR_TEXT);
}

void netaddr_format_network(const struct netaddr *a, char ret[static NETADDR_TEXT])
{
	struct netaddr network = *a;

	for (unsigned bit = a->length; bit < 8 * netaddr_size(a); bit++)
		network.bytes[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
	netaddr_format(&network, ret);
}
