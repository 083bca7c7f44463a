/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logging in to registries: Basic (RFC 7617), and Bearer tokens as in Docker's token specification
 * ("token.md", "oauth.md"). A login, once obtained, serves all later requests of the same scope.
 */
#ifndef WHERRY_NET_AUTH_H
#define WHERRY_NET_AUTH_H

#include "net/credential.h"
#include "net/http.h"

/* What a request needs permission for. */
struct auth_scope {
	const char *base;               /* "https://host:port", where the request goes */
	const char *registry;           /* whose login it is: "docker.io", "host:port" */
	const char *repository;         /* or NULL */
	const char *scopes;             /* "repository:a/b:pull repository:c/d:pull", or "" */
	bool loopback;                  /* it is this machine */
	const struct credential *login; /* NULL: look for one */
};

/* The Authorization to use, or NULL when none was needed so far; owned by the caller. */
char *auth_find(struct net *n, const struct auth_scope *s);
/*
 * After an answer with 401 to a request that had `used` (may be NULL) as Authorization: log in as
 * the answer's challenges say. WERR_DENIED when there is no login, or it is not accepted.
 */
int auth_renew(struct net *n, const struct auth_scope *s, const struct http_response *answer,
	const char *used, struct werr **err);
void auth_free(struct net *n);

#endif
