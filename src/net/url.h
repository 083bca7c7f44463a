/* SPDX-License-Identifier: Apache-2.0 */
/* URLs (RFC 3986), by libcurl's parser, and which of them may be spoken to. */
#ifndef WHERRY_NET_URL_H
#define WHERRY_NET_URL_H

#include "base/error.h"
#include "base/str.h"

struct net;

struct url {
	char *text;  /* normalized */
	char *place; /* "host:port", without the port when it is the scheme's own; for messages and
			comparisons */
	char *host, *port; /* port: always a number */
	bool https, loopback;
};

/*
 * text, if need be relative to base (may be NULL). WERR_INVALID when it is no URL, carries a user's
 * name, or is neither http nor https. libcurl must be loaded.
 */
int url_parse(
	struct net *n, const char *text, const char *base, struct url *ret, struct werr **err);
void url_cleanup(struct url *u);
/* https always; http with this machine and with hosts of --insecure-registry. WERR_DENIED
 * otherwise. */
int url_allow(const struct net *n, const struct url *u, struct werr **err);
/*
 * Where a server sends us (Location): text is relative to where it was asked. What a server outside
 * says must not make us talk to this machine (WERR_DENIED), nor in the clear to one that we must
 * not.
 */
int url_follow(struct net *n, const struct url *from, const char *text, struct url *ret,
	struct werr **err);
/*
 * For messages: without the query, in which signed URLs have their secret, and without a user's
 * name and password. Owned by the caller.
 */
char *url_shown(const char *text);
bool url_same_place(const struct url *a, const struct url *b);
/*
 * Is it this machine? "localhost" and what is below it, 127.0.0.0/8, ::1, the unspecified addresses
 * (which connect to this machine), and the IPv4 ones of these in IPv6. host may be in brackets.
 */
bool host_is_loopback(const char *host);
/* Does the list have "HOST" or "HOST:PORT", or "*.DOMAIN" that it is below? */
bool host_in_list(const struct strv *list, const char *host, const char *port);

#endif
