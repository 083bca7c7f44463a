/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP exchange (RFC 9110), and one with repetitions and redirects. For src/net only. */
#ifndef WHERRY_NET_HTTP_H
#define WHERRY_NET_HTTP_H

#include "base/io.h"
#include "net/internal.h"

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
 * Opens a request's body at its beginning; again each time that it is sent, as after a redirect.
 * The reader is the response's and is read until that is freed, whatever the server answers
 * meanwhile: ctx has to outlive it.
 */
typedef int http_open_body(void *ctx, struct reader **ret, struct werr **err);

struct http_request {
	const char *method;
	const char *url;
	const char *unix_socket;          /* NULL, or the socket to speak through */
	const char *authorization;        /* NULL, or the field's value; no other host gets it */
	const char *headers[HTTP_FIELDS]; /* "Name: value"; NULL ends them */
	http_open_body *open_body;        /* NULL: it has none */
	void *body_ctx;
	uint64_t body_size;
	bool patient;  /* the server may be silent for minutes, because it has work to do */
	bool *ret_tls; /* NULL, or: was TLS spoken, also if it fails otherwise */
	bool hasty;    /* somebody else can be asked: do not wait for a server that is busy */
};

/* A body that is in memory: the open_body for a body_ctx of this kind. */
struct http_text {
	const char *p;
	size_t size;
};
int http_open_text(void *text, struct reader **ret, struct werr **err);

struct http_response;

/*
 * Send it and wait for the header fields of the answer, whatever its status is; after one of
 * success, also until the body is sent, as long as the server takes it. Control characters in the
 * URL or a field are refused. Errors: -ECONNREFUSED (nobody is there), -EHOSTUNREACH (no such
 * host), -ECONNRESET (the connection was cut), -ETIMEDOUT, -EPROTO (no HTTP, or no TLS), -EACCES
 * (the certificate is not trusted, or the proxy refuses).
 */
int http_send(struct net *n, const struct http_request *request, struct http_response **ret,
	struct werr **err);
/* Ends the transfer, if it goes on. */
void http_response_free(struct http_response *r);
DEFINE_CLEANUP(struct http_response *, http_response_free, http_response)

int http_status(const struct http_response *r);
/* 2xx: it was done. Which of them a server chooses says little. */
bool http_succeeded(const struct http_response *r);
/* What was asked in the end, after redirects. */
const char *http_url(const struct http_response *r);
/* The value of a field, or NULL; with `at` (from 0, moved on) all fields of that name can be had.
 */
const char *http_header(const struct http_response *r, const char *name, size_t *at);
/* Content-Length, or -1. */
int64_t http_length(const struct http_response *r);
/* The body; errors as with http_send. Belongs to r. */
struct reader *http_body(struct http_response *r);

/*
 * The same with repetitions, when the server is busy or the connection was cut before the answer
 * began, and with redirects (at most 10; for what is not GET or HEAD only those that keep the
 * method, 307 and 308), of which none may lead to a host that plain HTTP must not be spoken with. A
 * request with a body is not repeated. Errors as with http_send, but -EIO when it was repeated
 * often enough.
 */
int http_fetch(struct net *n, const struct http_request *request, struct http_response **ret,
	struct werr **err);
/* An error from an answer whose status is not what was hoped for; what: "manifest x". Reads the
 * body. */
int http_refused(struct http_response *r, const char *what, struct werr **err);

#endif
