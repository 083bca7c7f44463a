/* SPDX-License-Identifier: Apache-2.0 */
/* URLs (RFC 3986), parsed by libcurl, and which of them may be requested. */
#ifndef WHERRY_NET_URL_H
#define WHERRY_NET_URL_H

#include "base/error.h"
#include "base/str.h"

struct net;

struct url {
	char *text;  /* normalized */
	char *place; /* "host:port", without the port when it is the scheme's own; for messages and
			comparisons */
	char *host, *port; /* port is always a number */
	bool https, loopback;
};

/*
 * text may be relative to base (may be NULL). WERR_INVALID when it is not a URL, contains a user
 * name, or is neither http nor https. libcurl must be loaded.
 */
int url_parse(
	struct net *n, const char *text, const char *base, struct url *ret, struct werr **err);
void url_cleanup(struct url *u);
/* https always; http with this machine and with hosts of --insecure-registry. WERR_DENIED
 * otherwise. */
int url_allow(const struct net *n, const struct url *u, struct werr **err);
/*
 * Where a server sends us (Location): text is relative to the request's URL. A server elsewhere
 * must not be able to send us to this machine (WERR_DENIED), nor to a host that plain HTTP must not
 * be used with.
 */
int url_follow(struct net *n, const struct url *from, const char *text, struct url *ret,
	struct werr **err);
/*
 * For messages: without the query, which has the secret of signed URLs, and without a user name
 * and password. Owned by the caller.
 */
char *url_shown(const char *text);
bool url_same_place(const struct url *a, const struct url *b);
/*
 * Is it this machine? "localhost" and names below it, 127.0.0.0/8, ::1, the unspecified addresses
 * (which connect to this machine), and the IPv4 addresses of these in IPv6. host may be in
 * brackets.
 */
bool host_is_loopback(const char *host);
/* Does the list have "HOST" or "HOST:PORT", or "*.DOMAIN" that it is below? */
bool host_in_list(const struct strv *list, const char *host, const char *port);

#endif
