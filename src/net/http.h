/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP (RFC 9110): one exchange, and one with repetitions and redirects. What net.h says about
 * hosts, certificates and proxies applies to all requests.
 */
#ifndef WHERRY_NET_HTTP_H
#define WHERRY_NET_HTTP_H

#include "base/io.h"

struct net;

enum {
	HTTP_HEADERS_MAX = 64 << 10, /* bytes of a response's header fields */
	HTTP_ERROR_MAX = 64 << 10,   /* of an error's text */
	HTTP_FIELDS = 6,
	HTTP_OK = 200,
	HTTP_CREATED = 201,
	HTTP_ACCEPTED = 202,
	HTTP_NO_CONTENT = 204,
	HTTP_PARTIAL = 206,
	HTTP_UNAUTHORIZED = 401,
	HTTP_FORBIDDEN = 403,
	HTTP_NOT_FOUND = 404,
	HTTP_PROXY_LOGIN = 407, /* Proxy Authentication Required */
	HTTP_RANGE = 416,       /* Range Not Satisfiable */
	HTTP_TOO_MANY = 429,
	HTTP_UNAVAILABLE = 503,
};

/*
 * What a request sends. It is opened each time that the request is sent, as after a redirect, a
 * login or a pause.
 */
struct http_source {
	/*
	 * Open it at an offset of at most size. The reader is read, by another thread, until the
	 * response is freed, whatever the server answers meanwhile: ctx has to outlive that.
	 */
	int (*open)(const struct http_source *s, uint64_t offset, struct reader **ret,
		struct werr **err);
	const void *ctx;
	uint64_t size; /* bytes */
};
/* Bytes in memory; they have to outlive it. */
struct http_source http_memory(const void *p, size_t size);

/* May http_fetch send the request again, when it is not known what became of it? */
enum http_repeat {
	HTTP_REPEAT_BY_METHOD, /* not POST and PATCH, which do more when done twice */
	HTTP_REPEAT_ALWAYS,    /* this one does no harm when done twice */
	HTTP_REPEAT_NEVER,     /* the caller does, or there is another server to ask */
};

struct http_request {
	const char *method;
	const char *url;
	const char *unix_socket;          /* NULL, or the socket to connect to */
	const char *authorization;        /* NULL, or the field's value; sent to no other host */
	const char *headers[HTTP_FIELDS]; /* "Name: value"; NULL ends them */
	const struct http_source *body;   /* NULL: it has none */
	uint64_t body_offset;             /* send the body from here to its end */
	enum http_repeat repeat;
	bool patient;  /* the server may be silent for minutes, because it has work to do */
	bool *ret_tls; /* NULL, or: was TLS used, even if it fails otherwise */
};

struct http_response;

/*
 * Send it and wait for the header fields of the answer, whatever its status is; after a status of
 * success also for the body to be sent, as long as the server takes it. Control characters in the
 * URL or a field are refused. Errors: -ECONNREFUSED (nothing listens there), -EHOSTUNREACH (no such
 * host), -ECONNRESET (the connection was cut), -ETIMEDOUT, -EPROTO (not HTTP, or not TLS), -EACCES
 * (the certificate is not trusted, or the proxy refuses).
 */
int http_send(struct net *n, const struct http_request *request, struct http_response **ret,
	struct werr **err);
/* Ends the transfer, if it is still going on. */
void http_response_free(struct http_response *r);
DEFINE_CLEANUP(struct http_response *, http_response_free, http_response)

int http_status(const struct http_response *r);
/* 2xx: it was done. Which of these a server chooses means little. */
bool http_succeeded(const struct http_response *r);
/* The URL that was asked in the end, after redirects. */
const char *http_url(const struct http_response *r);
/* The value of a field, or NULL; with `at` (0 at first, moved on) each field of that name in turn.
 */
const char *http_header(const struct http_response *r, const char *name, size_t *at);
/* Content-Length, or -1. */
int64_t http_length(const struct http_response *r);
/* The body; errors as with http_send. Belongs to r. */
struct reader *http_body(struct http_response *r);

/* May a failure with this status pass by itself: is the server busy, or out of order for now? */
bool http_status_passes(int status);
/* Retry-After in seconds, of both its forms (RFC 9110, 10.2.3); 0 when there is none. */
uint64_t http_retry_after(const struct http_response *r);

/*
 * The same with repetitions, as request->repeat allows, when http_status_passes or the connection
 * was cut before the answer began, with pauses as the server asks for them or with growing ones;
 * and with redirects (at most 10; for what is not GET or HEAD only those that keep the method, 307
 * and 308), of which none may lead to a host that plain HTTP must not be used with. The body is
 * sent again each time. Errors as with http_send, but -EIO when it was repeated often enough.
 */
int http_fetch(struct net *n, const struct http_request *request, struct http_response **ret,
	struct werr **err);
/* An error from an answer whose status is not the expected one; what: "manifest x". Reads the
 * body. */
int http_refused(struct http_response *r, const char *what, struct werr **err);

#endif
