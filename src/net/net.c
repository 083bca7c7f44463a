/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "net/auth.h"
#include "net/certs.h"
#include "net/http.h"
#include "net/mirror.h"
#include "net/url.h"

int net_open(struct net **ret, const struct net_options *options, struct werr **err)
{
	CLEANUP(net) struct net *n = mem_new(struct net);
	int r;

	strv_add_all(&n->options.cert_files, &options->cert_files);
	strv_add_all(&n->options.insecure, &options->insecure);
	strv_add_all(&n->options.mirrors, &options->mirrors);
	n->options.timeout_seconds = options->timeout_seconds;
	pthread_mutex_init(&n->start_lock, NULL);
	pthread_mutex_init(&n->lock, NULL);
	pthread_mutex_init(&n->auth_lock, NULL);
	pthread_mutex_init(&n->certs_lock, NULL);
	pthread_mutex_init(&n->scheme_lock, NULL);
	r = mirrors_check(&n->options.mirrors, err);
	if (r == 0)
		*ret = STEAL(n);
	return r;
}

static int add_certificates(struct buf *pem, const char *path, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r = file_read(path, CERTIFICATES_MAX, &text, &size, err);

	if (r < 0)
		return r;
	if (!strstr(text, "-----BEGIN"))
		return werr_set(err, WERR_INVALID, "%s has no certificate in PEM form", path);
	buf_add(pem, text, size);
	buf_putc(pem, '\n');
	return 0;
}

/* The file that the system's libcurl trusts; as other tools do, SSL_CERT_FILE comes before it. */
static const char *system_certificates(struct net *n)
{
	const char *path = getenv("SSL_CERT_FILE");
	const curl_version_info_data *info = n->curl.version_info(CURLVERSION_NOW);

	return path && *path ? path : info->cainfo;
}

/* Certificates of the user's come in addition, so that all are handed over as one text. */
static int read_certificates(struct net *n, struct werr **err)
{
	CLEANUP(buf) struct buf pem = BUF_INIT(2 * CERTIFICATES_MAX);
	const char *path = system_certificates(n), *own = getenv("SSL_CERT_FILE");
	int r = 0;

	if (n->options.cert_files.n == 0 && (!own || !*own))
		return 0;
	if (path && file_exists(path))
		r = add_certificates(&pem, path, err);
	STRV_FOREACH (path, &n->options.cert_files)
		if (r == 0)
			r = add_certificates(&pem, path, err);
	if (r == 0 && buf_error(&pem) < 0)
		r = werr_set(err, WERR_LIMIT, "the certificates have more than %d bytes",
			2 * CERTIFICATES_MAX);
	if (r == 0)
		n->certificates = buf_steal(&pem);
	return r;
}

int net_trusted(struct net *n, struct buf *pem, struct werr **err)
{
	const char *path = system_certificates(n);

	if (n->certificates)
		buf_puts(pem, n->certificates);
	else if (path && file_exists(path))
		return add_certificates(pem, path, err);
	return 0;
}

/* Whom containers' tools are told not to ask for more than they have. */
static void note_insecure(struct net *n)
{
	for (size_t i = 0; i < n->registries.n; i++) {
		const struct registry_conf *r = &n->registries.items[i];
		const char *location = r->location ? r->location : r->prefix;

		if (r->insecure)
			strv_take(
				&n->options.insecure, str_dup_n(location, strcspn(location, "/")));
		for (size_t m = 0; m < r->n; m++)
			if (r->mirrors[m].insecure)
				strv_take(&n->options.insecure,
					str_dup_n(r->mirrors[m].location,
						strcspn(r->mirrors[m].location, "/")));
	}
}

static int start(struct net *n, struct werr **err)
{
	sigset_t all, before;
	int r = curl_load(&n->curl, err);

	if (r == 0)
		r = registries_conf_read(&n->registries, err);
	if (r == 0)
		note_insecure(n);
	if (r == 0)
		r = read_certificates(n, err);
	if (r < 0)
		return r;
	n->multi = n->curl.multi_init();
	if (!n->multi)
		return werr_set(err, WERR_FAILED, "libcurl can't be used here");
	/* Signals are for the threads that know what to do. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(&n->thread, NULL, net_loop, n);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r < 0)
		return werr_errno(err, -r, "can't start a thread");
	n->running = true;
	return 0;
}

int net_load(struct net *n, struct werr **err)
{
	int r = 0;

	pthread_mutex_lock(&n->start_lock);
	if (!n->running)
		r = start(n, err);
	pthread_mutex_unlock(&n->start_lock);
	return r;
}

static void stop(struct net *n)
{
	pthread_mutex_lock(&n->lock);
	n->stop = true;
	pthread_mutex_unlock(&n->lock);
	n->curl.multi_wakeup(n->multi);
	pthread_join(n->thread, NULL);
}

void net_free(struct net *n)
{
	if (n->running)
		stop(n);
	if (n->multi)
		n->curl.multi_cleanup(n->multi);
	auth_free(n);
	strv_clear(&n->options.cert_files);
	strv_clear(&n->options.insecure);
	strv_clear(&n->options.mirrors);
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
