/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/serve-listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/taken-port.h"

enum { BACKLOG = 64 };

/* "[::1]:80" to "::1" and "80"; *host is NULL for all addresses. */
static int split(const char *text, char **host, uint16_t *port, struct werr **err)
{
	const char *colon = strrchr(text, ':');
	bool brackets = colon && colon > text && text[0] == '[' && colon[-1] == ']';
	size_t size = colon ? (size_t)(colon - text) : 0;
	uint64_t number;

	*host = !colon ? str_dup("127.0.0.1")
		: size ? str_dup_n(text + brackets, size - 2 * (size_t)brackets)
		       : NULL;
	if (str_to_u64(colon ? colon + 1 : text, 10, &number) == 0 && number <= 65535 &&
		(brackets || !*host || !strchr(*host, ':'))) {
		*port = (uint16_t)number;
		return 0;
	}
	werr_set(err, WERR_USAGE, "'%s' is not a port to listen on", text);
	werr_hint(err, "write 8080, 192.0.2.1:8080, [::1]:8080, or :8080 for all addresses");
	return werr_code(WERR_USAGE);
}

/* Either family, and 0: it is no address of this one. */
static socklen_t address_of(
	int family, const char *host, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	void *to = family == AF_INET6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr;

	if (host && inet_pton(family, host, to) != 1)
		return 0;
	if (family == AF_INET6)
		memcpy(ret, &v6, sizeof(v6));
	else
		memcpy(ret, &v4, sizeof(v4));
	return family == AF_INET6 ? sizeof(v6) : sizeof(v4);
}

static int listen_at(int family, const struct sockaddr_storage *at, socklen_t size, int *ret_fd)
{
	CLEANUP(fd) int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1, off = 0;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, (const struct sockaddr *)at, size) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static char *url_of(int fd, const char *host)
{
	struct sockaddr_storage at = {0};
	socklen_t size = sizeof(at);
	uint16_t port;

	getsockname(fd, (struct sockaddr *)&at, &size);
	port = at.ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)&at)->sin6_port
					: ((const struct sockaddr_in *)&at)->sin_port;
	return str_printf(host && strchr(host, ':') ? "http://[%s]:%u/" : "http://%s:%u/",
		host ? host : "0.0.0.0", ntohs(port));
}

int serve_listen(const char *text, int *ret_fd, char **ret_url, struct werr **err)
{
	/* Without a host both families; IPv6 sockets take IPv4 as well. */
	static const int families[] = {AF_INET6, AF_INET};
	CLEANUP(free) char *host = NULL;
	uint16_t port = 0;
	int r = split(text, &host, &port, err), problem = EADDRNOTAVAIL;

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		struct sockaddr_storage at;
		socklen_t size = address_of(families[i], host, port, &at);

		if (size == 0)
			continue;
		r = listen_at(families[i], &at, size, ret_fd);
		if (r == 0) {
			*ret_url = url_of(*ret_fd, host);
			return 0;
		}
		problem = -r;
	}
	if (problem == EADDRINUSE)
		return taken_port_error(host, port, false, err);
	return werr_errno(
		err, problem, "can't listen on port %u of %s", port, host ? host : "this machine");
}
