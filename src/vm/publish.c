/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/publish.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/mem.h"

/* Parse "8000-8010" or "80"; both ends are included. */
static int parse_ports(const char *text, uint16_t *first, unsigned *count)
{
	CLEANUP(strv) struct strv ends = {0};
	uint64_t from, to;

	strv_split(&ends, text, '-');
	if (ends.n < 1 || ends.n > 2 || str_to_u64(ends.items[0], 10, &from) < 0 ||
		str_to_u64(ends.items[ends.n - 1], 10, &to) < 0)
		return -1;
	if (from < 1 || to > 65535 || to < from)
		return -1;
	*first = (uint16_t)from;
	*count = (unsigned)(to - from + 1);
	return 0;
}

/* Parse the address before the ports, if there is one; *rest is what follows its colon. */
static int parse_address(const char *text, struct vm_publish *p, const char **rest)
{
	const char *end = *text == '[' ? strchr(text, ']') : strchr(text, ':');
	CLEANUP(free) char *address = NULL;
	unsigned char bytes[sizeof(struct in6_addr)];

	str_copy(p->address, sizeof(p->address), "127.0.0.1");
	*rest = text;
	if (*text != '[' && (!end || !strchr(end + 1, ':')))
		return 0;
	p->v6 = *text == '[';
	if (!end || (p->v6 && end[1] != ':'))
		return -1;
	address = str_dup_n(text + p->v6, (size_t)(end - text) - p->v6);
	*rest = end + p->v6 + 1;
	if (inet_pton(p->v6 ? AF_INET6 : AF_INET, address, bytes) != 1)
		return -1;
	return str_copy(p->address, sizeof(p->address), address);
}

static int parse(const char *text, struct vm_publish *p)
{
	CLEANUP(strv) struct strv sides = {0};
	const char *slash = strchr(text, '/'), *protocol = slash ? slash + 1 : "tcp", *rest;
	CLEANUP(free) char *where = str_dup_n(text, slash ? (size_t)(slash - text) : strlen(text));
	unsigned guests;

	p->udp = str_eq(protocol, "udp");
	if (!p->udp && !str_eq(protocol, "tcp"))
		return -1;
	if (parse_address(where, p, &rest) < 0)
		return -1;
	strv_split(&sides, rest, ':');
	if (sides.n != 2 || parse_ports(sides.items[0], &p->host, &p->count) < 0 ||
		parse_ports(sides.items[1], &p->guest, &guests) < 0)
		return -1;
	return guests == p->count ? 0 : -1;
}

int vm_publish_parse(const char *text, struct vm_publish *ret, struct werr **err)
{
	struct vm_publish p = {0};

	if (parse(text, &p) < 0) {
		werr_set(err, WERR_USAGE, "'%s' is not a port to publish", text);
		werr_hint(err,
			"write [ADDRESS:]HOST:GUEST[/tcp|udp], like 8080:80, [::1]:8080:80 or "
			"8000-8010:8000-8010");
		return werr_code(WERR_USAGE);
	}
	if (p.v6 && p.udp) {
		werr_set(err, WERR_USAGE, "'%s': UDP can't be published on an IPv6 address", text);
		werr_hint(err, "QEMU forwards UDP from IPv4 addresses only, such as 127.0.0.1");
		return werr_code(WERR_USAGE);
	}
	*ret = p;
	return 0;
}
