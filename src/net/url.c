/* SPDX-License-Identifier: Apache-2.0 */
#include "net/url.h"

#include <arpa/inet.h>
#include <strings.h>

#include "base/mem.h"
#include "net/internal.h"

static int part(struct net *n, CURLU *u, CURLUPart which, unsigned flags, char **ret)
{
	char *text = NULL;

	if (n->curl.url_get(u, which, &text, flags) != CURLUE_OK)
		return -1;
	*ret = str_dup(text);
	n->curl.free(text);
	return 0;
}

static int take_parts(struct net *n, CURLU *u, struct url *ret, char **scheme)
{
	CLEANUP(free) char *port = NULL;

	if (part(n, u, CURLUPART_SCHEME, 0, scheme) < 0 ||
		part(n, u, CURLUPART_HOST, 0, &ret->host) < 0 ||
		part(n, u, CURLUPART_PORT, CURLU_DEFAULT_PORT, &ret->port) < 0 ||
		part(n, u, CURLUPART_URL, 0, &ret->text) < 0)
		return -1;
	part(n, u, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT, &port);
	ret->place = str_printf("%s%s%s", ret->host, port ? ":" : "", port ? port : "");
	return 0;
}

int url_parse(struct net *n, const char *text, const char *base, struct url *ret, struct werr **err)
{
	CLEANUP(url) struct url url = {0};
	CLEANUP(free) char *scheme = NULL;
	bool web;
	CURLU *u = n->curl.url();
	const unsigned flags = CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER | CURLU_URLENCODE;
	bool ok = u && (!base || n->curl.url_set(u, CURLUPART_URL, base, flags) == CURLUE_OK) &&
		  n->curl.url_set(u, CURLUPART_URL, text, flags) == CURLUE_OK;

	if (ok)
		n->curl.url_set(u, CURLUPART_FRAGMENT, NULL, 0);
	ok = ok && take_parts(n, u, &url, &scheme) == 0;
	n->curl.url_cleanup(u);
	web = scheme && (str_eq(scheme, "http") || str_eq(scheme, "https"));
	if (!ok || !web) {
		CLEANUP(free) char *shown = url_shown(text);

		return werr_set(err, WERR_INVALID, "'%.200s' is not %s URL", shown,
			scheme && !web ? "an http or https" : "a");
	}
	url.https = str_eq(scheme, "https");
	url.loopback = host_is_loopback(url.host);
	*ret = url;
	url = (struct url){0};
	return 0;
}

void url_cleanup(struct url *u)
{
	free(u->text);
	free(u->place);
	free(u->host);
	free(u->port);
}

static bool v4_is_loopback(uint32_t address)
{
	return address >> 24 == 127 || address == 0;
}

bool host_is_loopback(const char *host)
{
	size_t n = strlen(host), brackets = n > 2 && *host == '[' && host[n - 1] == ']';
	CLEANUP(free) char *bare = str_dup_n(host + brackets, n - 2 * brackets);
	struct in6_addr v6;
	struct in_addr v4;

	n = strlen(bare);
	if (n > 0 && bare[n - 1] == '.')
		bare[--n] = 0;
	if (strcasecmp(bare, "localhost") == 0 ||
		(n > 10 && strcasecmp(bare + n - 10, ".localhost") == 0))
		return true;
	if (inet_pton(AF_INET, bare, &v4) == 1)
		return v4_is_loopback(ntohl(v4.s_addr));
	if (inet_pton(AF_INET6, bare, &v6) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&v6)) {
		memcpy(&v4, &v6.s6_addr[12], sizeof(v4));
		return v4_is_loopback(ntohl(v4.s_addr));
	}
	return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_UNSPECIFIED(&v6);
}

/* "*.DOMAIN", as in registries.conf. */
static bool is_below(const char *host, const char *wildcard)
{
	size_t n = strlen(host), domain = strlen(wildcard) - 1;

	return str_after(wildcard, "*.") && n > domain &&
	       strcasecmp(host + n - domain, wildcard + 1) == 0;
}

bool host_in_list(const struct strv *list, const char *host, const char *port)
{
	CLEANUP(free) char *with_port = str_printf("%s:%s", host, port);
	const char *item;

	STRV_FOREACH (item, list)
		if (strcasecmp(item, host) == 0 || strcasecmp(item, with_port) == 0 ||
			is_below(host, item))
			return true;
	return false;
}

int url_allow(const struct net *n, const struct url *u, struct werr **err)
{
	CLEANUP(free) char *shown = NULL;
	int r;

	if (u->https || u->loopback || host_in_list(&n->insecure, u->host, u->port))
		return 0;
	shown = url_shown(u->text);
	r = werr_set(
		err, WERR_DENIED, "%s is plain HTTP, which anybody on the way can change", shown);
	werr_hint(err, "use https, or trust the network with --insecure-registry %s", u->place);
	return r;
}

int url_follow(
	struct net *n, const struct url *from, const char *text, struct url *ret, struct werr **err)
{
	CLEANUP(url) struct url url = {0};
	int r = url_parse(n, text, from->text, &url, err);

	if (r == 0)
		r = url_allow(n, &url, err);
	if (r == 0 && url.loopback && !from->loopback)
		r = werr_set(err, WERR_DENIED, "%s is this machine", url.place);
	if (r == 0) {
		*ret = url;
		url = (struct url){0};
	}
	return r;
}

char *url_shown(const char *text)
{
	const char *host = strstr(text, "://"), *at;
	size_t end = strcspn(text, "?#"), scheme = 0;
	char *shown;

	host = host && host < text + end ? host + 3 : text;
	scheme = (size_t)(host - text);
	at = memrchr(host, '@', strcspn(host, "/?#\\"));
	if (at)
		host = at + 1;
	shown = str_printf("%.*s%.*s%s", (int)scheme, text, (int)(text + end - host), host,
		text[end] == '?' ? "?..." : "");
	return shown;
}

bool url_same_place(const struct url *a, const struct url *b)
{
	return a->https == b->https && str_eq(a->host, b->host) && str_eq(a->port, b->port);
}
