/* SPDX-License-Identifier: Apache-2.0 */
/* A request, handed over to libcurl. */
#include "base/mem.h"
#include "net/certs.h"
#include "net/http-impl.h"
#include "net/http.h"
#include "net/url.h"

enum {
	CONNECT_SECONDS = 15,
	SILENT_SECONDS = 30,
	PATIENT_SECONDS = 300,
	SLOWEST = 256,   /* bytes per second; less counts as silence */
	SLOW_TIMES = 10, /* a server may be slower than TRANSFER_SLOWEST this many times as long as
			    silent */
};

static bool has_control(const char *s)
{
	while (*s && (unsigned char)*s >= ' ' && *s != 0x7f)
		s++;
	return *s != 0;
}

/*
 * A line break would begin a field or a request that somebody else made up: texts from manifests
 * become part of both.
 */
int http_check_request(const struct http_request *q, struct werr **err)
{
	const char *const texts[] = {q->method, q->url, q->authorization ? q->authorization : ""};
	bool bad = false;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		bad = bad || has_control(texts[i]);
	for (size_t i = 0; i < HTTP_FIELDS && q->headers[i]; i++)
		bad = bad || has_control(q->headers[i]);
	return bad ? werr_set(err, WERR_INVALID,
			     "a request that contains control characters is not sent")
		   : 0;
}

static void add_field(struct http_response *h, const char *line)
{
	struct transfer *t = &h->transfer;

	t->fields = t->net->curl.slist_append(t->fields, line);
}

static bool says_type(const struct http_request *q)
{
	for (size_t i = 0; i < HTTP_FIELDS && q->headers[i]; i++)
		if (str_after(q->headers[i], "Content-Type:"))
			return true;
	return false;
}

static void set_fields(struct http_response *h, const struct http_request *q)
{
	/* Do not wait for "100 Continue", nor claim that the body is a form. */
	add_field(h, "Expect:");
	if (!says_type(q))
		add_field(h, "Content-Type:");
	/* What is compressed in transit has neither the digest nor the size that are known. */
	add_field(h, "Accept-Encoding: identity");
	add_field(h, "User-Agent: wherry");
	if (q->authorization) {
		CLEANUP(free) char *line = str_printf("Authorization: %s", q->authorization);

		add_field(h, line);
	}
	for (size_t i = 0; i < HTTP_FIELDS && q->headers[i]; i++)
		add_field(h, q->headers[i]);
}

static void set_method(struct http_response *h, const struct http_request *q)
{
	struct transfer *t = &h->transfer;
	CURLcode (*set)(CURL *, CURLoption, ...) = t->net->curl.easy_setopt;

	if (str_eq(q->method, "HEAD")) {
		set(t->easy, CURLOPT_NOBODY, 1L);
	} else if (!str_eq(q->method, "GET")) {
		set(t->easy, CURLOPT_POST, 1L);
		set(t->easy, CURLOPT_CUSTOMREQUEST, q->method);
		set(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body_size);
		if (!t->body)
			set(t->easy, CURLOPT_POSTFIELDS, "");
	}
	if (t->body) {
		set(t->easy, CURLOPT_READFUNCTION, transfer_give_body);
		set(t->easy, CURLOPT_READDATA, t);
	}
}

static void set_limits(struct http_response *h, const struct http_request *q)
{
	struct transfer *t = &h->transfer;
	CURLcode (*set)(CURL *, CURLoption, ...) = t->net->curl.easy_setopt;
	unsigned chosen = t->net->timeout_seconds;
	long silent = chosen ? (long)chosen : SILENT_SECONDS;

	t->slow_seconds = silent * SLOW_TIMES;
	t->patient = q->patient;
	if (q->patient && silent < PATIENT_SECONDS)
		silent = PATIENT_SECONDS;
	set(t->easy, CURLOPT_CONNECTTIMEOUT, silent < CONNECT_SECONDS ? silent : CONNECT_SECONDS);
	set(t->easy, CURLOPT_LOW_SPEED_LIMIT, (long)SLOWEST);
	set(t->easy, CURLOPT_LOW_SPEED_TIME, silent);
	set(t->easy, CURLOPT_XFERINFOFUNCTION, transfer_meter);
	set(t->easy, CURLOPT_XFERINFODATA, t);
	set(t->easy, CURLOPT_NOPROGRESS, 0L);
}

static int set_authorities(struct http_response *h, const char *text, struct werr **err)
{
	struct transfer *t = &h->transfer;
	struct curl_blob pem = {.flags = CURL_BLOB_NOCOPY};

	if (!text)
		return 0;
	memcpy(&pem.data, &text, sizeof(text)); /* which libcurl does not change */
	pem.len = strlen(text);
	if (t->net->curl.easy_setopt(t->easy, CURLOPT_CAINFO_BLOB, &pem) == CURLE_OK)
		return 0;
	werr_set(err, WERR_UNSUPPORTED, "this libcurl cannot load additional certificates");
	werr_hint(err, "install the one that uses OpenSSL: apt-get install libcurl4");
	return werr_code(WERR_UNSUPPORTED);
}

/* Which certificates are trusted for the host, and which one we show. */
static int set_tls(struct http_response *h, const struct url *url, struct werr **err)
{
	struct transfer *t = &h->transfer;
	struct net *n = t->net;
	const struct certs *certs = NULL;
	int r;

	if (!url->https)
		return 0;
	r = certs_find(n, url, &certs, err);
	if (r < 0)
		return r;
	if (host_in_list(&n->insecure, url->host, url->port)) {
		n->curl.easy_setopt(t->easy, CURLOPT_SSL_VERIFYPEER, 0L);
		n->curl.easy_setopt(t->easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (certs->cert) {
		n->curl.easy_setopt(t->easy, CURLOPT_SSLCERT, certs->cert);
		n->curl.easy_setopt(t->easy, CURLOPT_SSLKEY, certs->key);
		/* Without a password OpenSSL would ask on the terminal. */
		n->curl.easy_setopt(t->easy, CURLOPT_KEYPASSWD, "");
	}
	return set_authorities(h, certs->authority ? certs->authority : n->certificates, err);
}

/* The last option that is set shows whether libcurl is new enough: see OLDEST in curl.c. */
int http_set_up(struct http_response *h, const struct http_request *q, const struct url *url,
	struct werr **err)
{
	struct transfer *t = &h->transfer;
	CURLcode (*set)(CURL *, CURLoption, ...) = t->net->curl.easy_setopt;
	int r;

	set(t->easy, CURLOPT_PRIVATE, t);
	set(t->easy, CURLOPT_ERRORBUFFER, t->error);
	set(t->easy, CURLOPT_NOSIGNAL, 1L);
	set(t->easy, CURLOPT_HEADERFUNCTION, transfer_take_head);
	set(t->easy, CURLOPT_HEADERDATA, t);
	set(t->easy, CURLOPT_WRITEFUNCTION, transfer_take_body);
	set(t->easy, CURLOPT_WRITEDATA, t);
	set(t->easy, CURLOPT_BUFFERSIZE, 128L * 1024);
	set(t->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	/*
	 * With HTTP/2, libcurl buffers what arrives for a paused transfer without a limit.
	 */
	set(t->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	if (q->unix_socket)
		set(t->easy, CURLOPT_UNIX_SOCKET_PATH, q->unix_socket);
	if (q->unix_socket || url->loopback)
		set(t->easy, CURLOPT_NOPROXY, "*");
	set_method(h, q);
	set_limits(h, q);
	set_fields(h, q);
	set(t->easy, CURLOPT_HTTPHEADER, t->fields);
	r = set_tls(h, url, err);
	if (r < 0)
		return r;
	if (set(t->easy, CURLOPT_URL, url->text) != CURLE_OK ||
		set(t->easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK)
		return werr_set(err, WERR_UNSUPPORTED, "libcurl can't be used here");
	return 0;
}
