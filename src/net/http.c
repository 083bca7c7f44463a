/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <strings.h>
#include <time.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "net/http-impl.h"
#include "net/http.h"
#include "net/start.h"
#include "net/trust.h"
#include "net/url.h"

static const struct {
	CURLcode code;
	enum werr_kind kind;
	int errnum;
	bool detail; /* add what libcurl says about it */
	const char *what;
} failures[] = {
	{CURLE_COULDNT_RESOLVE_HOST, WERR_FAILED, EHOSTUNREACH, false, "there is no such host"},
	{CURLE_COULDNT_RESOLVE_PROXY, WERR_FAILED, EHOSTUNREACH, true, "can't find the proxy"},
	{CURLE_COULDNT_CONNECT, WERR_FAILED, ECONNREFUSED, true, "can't connect"},
	{CURLE_OPERATION_TIMEDOUT, WERR_TIMEOUT, ETIMEDOUT, true, "too slow"},
	{CURLE_SSL_CONNECT_ERROR, WERR_FAILED, EPROTO, true, "can't speak TLS"},
	{CURLE_PEER_FAILED_VERIFICATION, WERR_DENIED, EACCES, true,
		"its certificate is not trusted"},
	{CURLE_SSL_CERTPROBLEM, WERR_INVALID, EINVAL, true,
		"the client certificate for it can't be used"},
	{CURLE_GOT_NOTHING, WERR_FAILED, ECONNRESET, false, "it closed the connection"},
	{CURLE_RECV_ERROR, WERR_FAILED, ECONNRESET, true, "the connection was cut"},
	{CURLE_SEND_ERROR, WERR_FAILED, ECONNRESET, true, "the connection was cut"},
	{CURLE_SEND_FAIL_REWIND, WERR_FAILED, ECONNRESET, true, "the connection was cut"},
	{CURLE_PARTIAL_FILE, WERR_FAILED, ECONNRESET, true, "the connection was cut"},
	{CURLE_WEIRD_SERVER_REPLY, WERR_FAILED, EPROTO, true, "it does not speak HTTP"},
	{CURLE_UNSUPPORTED_PROTOCOL, WERR_FAILED, EPROTO, true, "it does not speak HTTP"},
};

/* A proxy's refusal of a tunnel (RFC 9110, 9.3.6). A status that may pass, like 502, counts as a
 * cut connection. */
static bool is_refused_by_proxy(const struct transfer *t)
{
	return t->proxy_status >= 400 && !http_status_passes(t->proxy_status);
}

static int refused_by_proxy(const struct http_response *h, struct werr **err)
{
	bool login = h->transfer.proxy_status == HTTP_PROXY_LOGIN;

	werr_set(err, WERR_DENIED, "%s: the proxy %s (HTTP status %d)", h->host,
		login ? "wants a login" : "does not connect to it", h->transfer.proxy_status);
	werr_hint(err, login ? "give it in HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT"
			     : "name hosts that need no proxy in NO_PROXY");
	return -EACCES;
}

/*
 * Did the server end the connection because we showed no certificate, or one that it does not
 * accept? TLS says so after its handshake, so libcurl has no code of its own for it, but only the
 * alert's name (RFC 8446, 6.2) in the words of OpenSSL or GnuTLS.
 */
static bool wants_certificate(const struct transfer *t)
{
	static const char *const alerts[] = {"certificate required", "Certificate is required",
		"alert bad certificate", "alert unknown ca", "alert certificate unknown"};

	for (size_t i = 0; i < ARRAY_SIZE(alerts); i++)
		if (strstr(t->error, alerts[i]))
			return true;
	return false;
}

static int refused_without_certificate(const struct http_response *h, struct werr **err)
{
	werr_set(err, WERR_DENIED, "%s: it asks for a client certificate: %s", h->host,
		h->transfer.error);
	werr_hint(err,
		"put it into ~/.config/containers/certs.d/%s/client.cert, and its key into "
		"client.key beside it",
		h->host);
	return -EACCES;
}

static int not_trusted(const struct http_response *h, struct werr **err)
{
	if (trust_is_empty(h->transfer.net))
		werr_hint(err,
			"this machine has no certificates of authorities: install ca-certificates, "
			"or name a file of them in SSL_CERT_FILE");
	else
		werr_hint(err,
			"if this is expected, name its authority's certificate with --cert-file");
	return -EACCES;
}

/* libcurl's words for a failed connection repeat the host and that it failed. */
static const char *detail_of(const struct transfer *t)
{
	if (t->result == CURLE_COULDNT_CONNECT && t->os_error)
		return strerror((int)t->os_error);
	return t->error[0] ? t->error : t->net->curl.easy_strerror(t->result);
}

/* Why a transfer ended before its end. */
static int failed(struct http_response *h, struct werr **err)
{
	struct transfer *t = &h->transfer;
	const char *detail = detail_of(t);
	int r = cancel_check(err);

	if (r < 0)
		return r;
	if (t->body_error) {
		r = werr_code(t->body_error->kind);
		werr_pass(err, STEAL(t->body_error));
		return r;
	}
	if (t->too_large)
		return werr_set(err, WERR_LIMIT,
			"%s answers with more than %d bytes of header fields", h->host,
			HTTP_HEADERS_MAX);
	if (is_refused_by_proxy(t))
		return refused_by_proxy(h, err);
	if (t->too_slow) {
		werr_set(err, WERR_TIMEOUT, "%s: too slow: less than %d KiB a second for %ld s",
			h->host, TRANSFER_SLOWEST >> 10, t->slow_seconds);
		werr_hint(err, "a longer --timeout gives it more time");
		return -EIO;
	}
	if (wants_certificate(t))
		return refused_without_certificate(h, err);
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++)
		if (failures[i].code == t->result) {
			werr_set(err, failures[i].kind, "%s: %s%s%s", h->host, failures[i].what,
				failures[i].detail ? ": " : "", failures[i].detail ? detail : "");
			return failures[i].errnum == EACCES ? not_trusted(h, err)
							    : -failures[i].errnum;
		}
	return werr_set(err, WERR_FAILED, "%s: the connection failed: %s", h->host, detail);
}

static int body_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct http_response *h = CONTAINER_OF(r, struct http_response, body);
	int result = transfer_read(&h->transfer, p, size, got, err);

	if (result == 0 && *got == 0 && h->transfer.result != CURLE_OK)
		return failed(h, err);
	return result;
}

/* The body is part of its response. */
static void body_keep(ATTR_UNUSED struct reader *r)
{
}

/* "Name: value" of each line, without what surrounds it. */
static void split_head(struct http_response *h)
{
	CLEANUP(strv) struct strv lines = {0};
	char *line;

	strv_split(&lines, buf_str(&h->transfer.head), '\n');
	STRV_FOREACH (line, &lines) {
		size_t n = strlen(line);

		while (n > 0 && strchr("\r\t ", line[n - 1]))
			line[--n] = 0;
		if (n > 0)
			strv_add(&h->fields, line);
	}
}

static struct http_response *response_new(struct net *n, const char *host)
{
	struct http_response *h = mem_new(struct http_response);
	pthread_condattr_t monotonic;

	h->body = (struct reader){body_read, body_keep};
	h->host = str_dup(host);
	h->transfer.net = n;
	h->transfer.head = BUF_INIT(HTTP_HEADERS_MAX);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&h->transfer.changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return h;
}

static int response_open(struct net *n, const struct http_request *q, const struct url *url,
	struct http_response **ret, struct werr **err)
{
	CLEANUP(http_response) struct http_response *h = response_new(n, url->place);
	int r = 0;

	h->url = str_dup(url->text);
	h->transfer.easy = n->curl.easy_init();
	if (!h->transfer.easy)
		return werr_set(err, WERR_FAILED, "libcurl can't be used here");
	if (q->body) {
		h->transfer.body_size = q->body->size - q->body_offset;
		r = q->body->open(q->body, q->body_offset, &h->transfer.body, err);
	}
	if (r == 0)
		r = http_set_up(h, q, url, err);
	if (r == 0)
		*ret = STEAL(h);
	return r;
}

int http_send(struct net *n, const struct http_request *request, struct http_response **ret,
	struct werr **err)
{
	CLEANUP(http_response) struct http_response *h = NULL;
	CLEANUP(url) struct url url = {0};
	int r = net_load(n, err);

	if (r == 0)
		r = http_check_request(request, err);
	if (r == 0)
		r = url_parse(n, request->url, NULL, &url, err);
	if (r == 0)
		r = response_open(n, request, &url, &h, err);
	if (r < 0)
		return r;
	transfer_start(&h->transfer);
	r = transfer_wait(&h->transfer, err);
	if (request->ret_tls)
		*request->ret_tls = h->transfer.tls;
	if (r == 0 && !h->transfer.answered)
		r = failed(h, err);
	if (r == 0 && http_succeeded(h))
		r = transfer_wait_sent(&h->transfer, err);
	if (r < 0)
		return r;
	split_head(h);
	*ret = STEAL(h);
	return 0;
}

static int open_memory(const struct http_source *s, uint64_t offset, struct reader **ret,
	ATTR_UNUSED struct werr **err)
{
	*ret = mem_reader_new((const char *)s->ctx + offset, (size_t)(s->size - offset));
	return 0;
}

struct http_source http_memory(const void *p, size_t size)
{
	return (struct http_source){.open = open_memory, .ctx = p, .size = size};
}

void http_response_free(struct http_response *h)
{
	struct transfer *t = &h->transfer;

	if (t->started)
		transfer_remove(t);
	if (t->easy)
		t->net->curl.easy_cleanup(t->easy);
	if (t->fields)
		t->net->curl.slist_free_all(t->fields);
	pthread_cond_destroy(&t->changed);
	buf_clear(&t->head);
	free(t->window);
	if (t->body)
		reader_free(t->body);
	werr_free(t->body_error);
	strv_clear(&h->fields);
	free(h->host);
	free(h->url);
	free(h);
}

int http_status(const struct http_response *r)
{
	return r->transfer.status;
}

bool http_succeeded(const struct http_response *r)
{
	return r->transfer.status >= 200 && r->transfer.status < 300;
}

bool http_status_passes(int status)
{
	static const int for_good[] = {501, 505}; /* not implemented: the method, the version */
	static const int for_now[] = {408, 425, HTTP_TOO_MANY};

	for (size_t i = 0; i < ARRAY_SIZE(for_good); i++)
		if (status == for_good[i])
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(for_now); i++)
		if (status == for_now[i])
			return true;
	return status >= 500;
}

const char *http_url(const struct http_response *r)
{
	return r->url;
}

const char *http_header(const struct http_response *r, const char *name, size_t *at)
{
	size_t n = strlen(name), i = at ? *at : 0;

	for (; i < r->fields.n; i++) {
		const char *line = r->fields.items[i];

		if (strncasecmp(line, name, n) != 0 || line[n] != ':')
			continue;
		if (at)
			*at = i + 1;
		return line + n + 1 + strspn(line + n + 1, " \t");
	}
	return NULL;
}

int64_t http_length(const struct http_response *r)
{
	const char *text = http_header(r, "Content-Length", NULL);
	int64_t length;

	return text && str_to_i64(text, 10, &length) == 0 && length >= 0 ? length : -1;
}

uint64_t http_retry_after(const struct http_response *r)
{
	const char *text = http_header(r, "Retry-After", NULL);
	struct tm date = {0};
	uint64_t seconds;
	time_t then, now = time(NULL);

	if (!text)
		return 0;
	if (str_to_u64(text, 10, &seconds) == 0)
		return seconds;
	/* "Wed, 21 Oct 2026 07:28:00 GMT" */
	if (!strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &date))
		return 0;
	then = timegm(&date);
	return then > now ? (uint64_t)(then - now) : 0;
}

struct reader *http_body(struct http_response *r)
{
	return &r->body;
}
