/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/mem.h"
#include "base/str.h"
#include "tools/vsock.h"

static int parse_unix(const char *text, struct forward *f)
{
	struct sockaddr_un *a = (struct sockaddr_un *)&f->address;

	a->sun_family = AF_UNIX;
	f->size = sizeof(*a);
	return *text == '/' ? str_copy(a->sun_path, sizeof(a->sun_path), text) : -EINVAL;
}

static int parse_address(const char *host, uint16_t port, struct forward *f)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&f->address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&f->address;
	size_t size = strlen(host);
	char inside[INET6_ADDRSTRLEN];

	if (*host != '[') {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		f->size = sizeof(*v4);
		return inet_pton(AF_INET, host, &v4->sin_addr) == 1 ? 0 : -EINVAL;
	}
	if (host[size - 1] != ']' || size - 1 > sizeof(inside))
		return -EINVAL;
	memcpy(inside, host + 1, size - 2);
	inside[size - 2] = '\0';
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	f->size = sizeof(*v6);
	return inet_pton(AF_INET6, inside, &v6->sin6_addr) == 1 ? 0 : -EINVAL;
}

static int parse_tcp(const char *text, struct forward *f)
{
	const char *colon = strrchr(text, ':');
	CLEANUP(free) char *host = colon ? str_dup_n(text, (size_t)(colon - text)) : NULL;
	uint64_t port;

	if (!host || str_to_u64(colon + 1, 10, &port) < 0 || port == 0 || port > UINT16_MAX)
		return -EINVAL;
	return parse_address(host, (uint16_t)port, f);
}

static int parse_target(const char *text, struct forward *f)
{
	static const struct {
		const char *kind;
		int (*parse)(const char *text, struct forward *f);
	} kinds[] = {{"unix:", parse_unix}, {"tcp:", parse_tcp}};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *rest = str_after(text, kinds[i].kind);

		if (rest)
			return kinds[i].parse(rest, f);
	}
	return -EINVAL;
}

int forward_parse(const char *text, struct forward *ret, struct werr **err)
{
	const char *colon = strchr(text, ':');
	CLEANUP(free) char *port = str_dup_n(text, colon ? (size_t)(colon - text) : strlen(text));
	struct forward f = {.text = text};
	int r = vsock_port_parse("-inport", port, &f.port, err);

	if (r < 0)
		return r;
	if (!colon || parse_target(colon + 1, &f) < 0) {
		r = werr_set(err, WERR_USAGE, "-inport: '%.200s' leads nowhere", text);
		werr_hint(err, "write PORT:unix:/PATH or PORT:tcp:ADDRESS:PORT");
		return r;
	}
	*ret = f;
	return 0;
}
