/* SPDX-License-Identifier: Apache-2.0 */
/* Finds out which of the hosts that may use plain HTTP have TLS. */
#include <errno.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/internal.h"
#include "net/remote.h"
#include "net/url.h"

struct probe {
	struct net *net;
	const char *host;
	bool https;
};

/* Any answer means TLS, and so does a certificate that is not trusted; a failed handshake means no
 * TLS. */
static int probe(void *ctx, struct werr **err)
{
	struct probe *p = ctx;
	CLEANUP(http_response) struct http_response *response = NULL;
	CLEANUP(werr) struct werr *why = NULL;
	CLEANUP(free) char *url = str_printf("https://%s/v2/", p->host);
	bool tls = false;
	const struct http_request q = {.method = "GET", .url = url, .ret_tls = &tls};
	int r = http_send(p->net, &q, &response, &why);

	p->https = r == 0 || r == -EACCES || tls;
	if (p->https || r == -EPROTO || r == -ECONNRESET)
		return 0;
	werr_pass(err, STEAL(why));
	return r;
}

int scheme_find(const struct remote *r, bool *ret_https, struct werr **err)
{
	struct net *n = r->net;
	struct probe p = {.net = n, .host = r->host, .https = true};
	int result = 0;

	if (!host_is_loopback(r->name) && !host_in_list(&n->insecure, r->name, r->port)) {
		*ret_https = true;
		return 0;
	}
	pthread_mutex_lock(&n->scheme_lock);
	if (strv_has(&n->plain, r->host)) {
		p.https = false;
	} else if (!strv_has(&n->tls, r->host)) {
		result = retry_run(probe, &p, NULL, remote_retries(r), err);
		if (result == 0) {
			strv_add(p.https ? &n->tls : &n->plain, r->host);
			log_debug("%s speaks %s", r->host, p.https ? "TLS" : "plain HTTP");
		}
	}
	pthread_mutex_unlock(&n->scheme_lock);
	*ret_https = p.https;
	return result;
}
