/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net.h"

#include <stdlib.h>

#include "base/mem.h"
#include "net/auth.h"
#include "net/certs.h"
#include "net/http.h"
#include "net/internal.h"
#include "net/mirror.h"
#include "net/start.h"
#include "net/url.h"

int net_open(struct net **ret, const struct net_options *options, struct werr **err)
{
	CLEANUP(net) struct net *n = mem_new(struct net);
	int r;

	strv_add_all(&n->cert_files, &options->cert_files);
	strv_add_all(&n->insecure, &options->insecure);
	strv_add_all(&n->mirrors, &options->mirrors);
	n->timeout_seconds = options->timeout_seconds;
	pthread_mutex_init(&n->start_lock, NULL);
	pthread_mutex_init(&n->lock, NULL);
	pthread_mutex_init(&n->auth_lock, NULL);
	pthread_mutex_init(&n->certs_lock, NULL);
	pthread_mutex_init(&n->scheme_lock, NULL);
	r = mirrors_check(&n->mirrors, err);
	if (r == 0)
		*ret = STEAL(n);
	return r;
}

void net_free(struct net *n)
{
	net_unload(n);
	auth_free(n);
	strv_clear(&n->cert_files);
	strv_clear(&n->insecure);
	strv_clear(&n->mirrors);
	strv_clear(&n->silent);
	strv_clear(&n->plain);
	strv_clear(&n->tls);
	free(n->certificates);
	certs_free(n->certs);
	registries_conf_cleanup(&n->registries);
	pthread_mutex_destroy(&n->scheme_lock);
	pthread_mutex_destroy(&n->certs_lock);
	pthread_mutex_destroy(&n->auth_lock);
	pthread_mutex_destroy(&n->lock);
	pthread_mutex_destroy(&n->start_lock);
	free(n);
}

int net_get_text(
	struct net *n, const char *url, size_t max, char **ret, size_t *ret_size, struct werr **err)
{
	CLEANUP(http_response) struct http_response *response = NULL;
	CLEANUP(free) char *shown = url_shown(url);
	const struct http_request q = {.method = "GET", .url = url};
	int r = http_fetch(n, &q, &response, err);

	if (r == 0 && http_status(response) != HTTP_OK)
		return http_refused(response, shown, err);
	if (r == 0)
		r = reader_read_all(http_body(response), max, ret, ret_size, err);
	if (r < 0)
		werr_wrap(err, "%s", shown);
	return r;
}
