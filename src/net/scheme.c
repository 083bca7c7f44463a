/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/remote.h"
#include "net/url.h"

/* An answer of any kind, and a certificate that is not trusted, mean TLS. */
static int probe(
	struct net *n, const char *host, bool *ret_https, bool *ret_sure, struct werr **err)
{
	CLEANUP(http_response) struct http_response *response = NULL;
	CLEANUP(werr) struct werr *why = NULL;
	CLEANUP(free) char *url = str_printf("https://%s/v2/", host);
	const struct http_request q = {.method = "GET", .url = url};
	int r = http_send(n, &q, &response, &why);

	if (r == -ECANCELED || r == -EOPNOTSUPP || r == -EINVAL) {
		if (err)
			*err = STEAL(why);
		return r;
	}
	*ret_https = r != -EPROTO && r != -ECONNRESET;
	*ret_sure = r == 0 || r == -EPROTO || r == -EACCES;
	return 0;
}

int scheme_find(struct net *n, const char *host, const char *name, const char *port,
	bool *ret_https, struct werr **err)
{
	bool sure = false;
	int r = 0;

	*ret_https = true;
	if (!host_is_loopback(name) && !host_in_list(&n->options.insecure, name, port))
		return 0;
	pthread_mutex_lock(&n->scheme_lock);
	if (strv_has(&n->plain, host)) {
		*ret_https = false;
	} else if (!strv_has(&n->tls, host)) {
		r = probe(n, host, ret_https, &sure, err);
		if (r == 0 && sure)
			strv_add(*ret_https ? &n->tls : &n->plain, host);
		if (r == 0)
			log_debug("%s speaks %s", host, *ret_https ? "TLS" : "plain HTTP");
	}
	pthread_mutex_unlock(&n->scheme_lock);
	return r;
}
