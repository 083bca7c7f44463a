/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/address.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

static const char this_machine[] = "127.0.0.1";

static bool parse_port(const char *text, uint16_t *ret)
{
	uint64_t port;

	if (str_to_u64(text, 10, &port) < 0 || port == 0 || port > UINT16_MAX)
		return false;
	*ret = (uint16_t)port;
	return true;
}

/* NULL when text is not an address. Owned by the caller. */
static char *parse_host(const char *text)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	CLEANUP(free) char *inner = NULL;
	size_t size = strlen(text);

	if (str_eq(text, "localhost"))
		return str_dup(this_machine);
	if (inet_pton(AF_INET, text, bytes) == 1)
		return str_dup(text);
	if (size < 2 || text[0] != '[' || text[size - 1] != ']')
		return NULL;
	inner = str_dup_n(text + 1, size - 2);
	return inet_pton(AF_INET6, inner, bytes) == 1 ? STEAL(inner) : NULL;
}

bool address_parse(const char *text, uint16_t default_port, char **ret_host, uint16_t *ret_port)
{
	const char *colon = strrchr(text, ':');
	CLEANUP(free) char *before = NULL, *host = NULL;
	uint16_t port = default_port;

	if (parse_port(text, &port)) {
		host = str_dup(this_machine);
	} else {
		/* A colon within brackets belongs to the address. */
		if (colon && strchr(colon, ']'))
			colon = NULL;
		if (colon ? !parse_port(colon + 1, &port) : !port)
			return false;
		before = str_dup_n(text, colon ? (size_t)(colon - text) : strlen(text));
		host = parse_host(before);
	}
	if (!host)
		return false;
	*ret_host = STEAL(host);
	*ret_port = port;
	return true;
}

char *address_format(const char *host, uint16_t port)
{
	return str_printf(strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, (unsigned)port);
}
