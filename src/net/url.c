/* SPDX-License-Identifier: Apache-2.0 */
#include "net/url.h"

#include <arpa/inet.h>
#include <strings.h>

#include "base/mem.h"

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
	CURLU *u = n->curl.url();
	const unsigned flags = CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER | CURLU_URLENCODE;
	bool ok = u && (!base || n->curl.url_set(u, CURLUPART_URL, base, flags) == CURLUE_OK) &&
		  n->curl.url_set(u, CURLUPART_URL, text, flags) == CURLUE_OK;

	if (ok)
		n->curl.url_set(u, CURLUPART_FRAGMENT, NULL, 0);
	ok = ok && take_parts(n, u, &url, &scheme) == 0;
	n->curl.url_cleanup(u);
	if (!ok && scheme && !str_eq(scheme, "http") && !str_eq(scheme, "https"))
		return werr_set(err, WERR_INVALID, "'%.200s' is not an http or https URL", text);
	if (!ok)
		return werr_set(err, WERR_INVALID, "'%.200s' is not a URL", text);
	url.https = str_eq(scheme, "https");
	if (!url.https && !str_eq(scheme, "http"))
		return werr_set(err, WERR_INVALID, "'%.200s' is not an http or https URL", text);
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

bool host_is_loopback(const char *host)
{
	size_t n = strlen(host), brackets = n > 2 && *host == '[' && host[n - 1] == ']';
	CLEANUP(free) char *bare = str_dup_n(host + brackets, n - 2 * brackets);
	struct in_addr v4;
	struct in6_addr v6;

	if (strcasecmp(bare, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, bare, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, bare, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool host_in_list(const struct strv *list, const char *host, const char *port)
{
	CLEANUP(free) char *with_port = str_printf("%s:%s", host, port);
	const char *item;

	STRV_FOREACH (item, list)
		if (strcasecmp(item, host) == 0 || strcasecmp(item, with_port) == 0)
			return true;
	return false;
}

int url_allow(const struct net *n, const struct url *u, struct werr **err)
{
	int r;

	if (u->https || u->loopback || host_in_list(&n->options.insecure, u->host, u->port))
		return 0;
	r = werr_set(
		err, WERR_DENIED, "%s is plain HTTP, which anybody on the way can change", u->text);
	werr_hint(err, "use https, or trust the way with --insecure-registry %s", u->place);
	return r;
}

bool url_same_place(const struct url *a, const struct url *b)
{
	return a->https == b->https && str_eq(a->host, b->host) && str_eq(a->port, b->port);
}
