/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to a repository, with the login that they need. */
#ifndef WHERRY_NET_REMOTE_H
#define WHERRY_NET_REMOTE_H

#include "net/http.h"
#include "net/registry.h"
#include "net/retry.h"

enum remote_access { REMOTE_PULL, REMOTE_PUSH };

struct remote {
	struct net *net;
	enum remote_access access;
	char *registry;                 /* whose login is used: "docker.io", or the mirror's host */
	char *host;                     /* "HOST" or "HOST:PORT" to connect to */
	char *name, *port;              /* of host */
	char *repository;               /* there; "" for the registry itself */
	bool plain_only;                /* a mirror's URL says http */
	_Atomic bool hasty;             /* there is another one to ask: do not wait for this one */
	const struct credential *login; /* NULL: look for one */
};

/*
 * Send a request: path is relative to the repository ("manifests/latest"), or a whole URL as the
 * registry gave it, which gets the login only when it leads to the registry. from (may be NULL) is
 * another repository that is read from.
 */
int remote_send(struct remote *r, const char *from, const struct http_request *request,
	const char *path, struct http_response **ret, struct werr **err);
/* Whether a step that failed is repeated, or the next remote is asked. */
enum retry_when remote_retries(const struct remote *r);
/*
 * Take note of the result of a whole exchange, and return it: a mirror that did not answer in time
 * is not asked again, since each object would wait as long.
 */
int remote_note(struct remote *r, int result);
/* An error from an answer; what: "blob sha256:..."; with a hint when a login could help. */
int remote_refused(
	struct remote *r, struct http_response *response, const char *what, struct werr **err);
/* "https://HOST"; owned by the caller. */
int remote_base(struct remote *r, char **ret, struct werr **err);

/* ---- scheme.c ---- */

/* Does a host that may use plain HTTP have TLS? Found out once. */
int scheme_find(const struct remote *r, bool *ret_https, struct werr **err);

#endif
