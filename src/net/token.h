/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Token servers: Docker's "token.md" (GET) and "oauth.md" (POST, with an identity token; then GET,
 * where that is refused).
 */
#ifndef WHERRY_NET_TOKEN_H
#define WHERRY_NET_TOKEN_H

#include "net/credential.h"
#include "net/http.h"

struct token_request {
	const char *realm, *service;    /* as the challenge says them; may be NULL */
	bool loopback;                  /* the server that says so is this machine */
	const char *scopes[2];          /* each may be NULL, or several with spaces between */
	const struct credential *login; /* may be empty */
};

/* *ret is owned by the caller, *ret_seconds is how long it is valid. WERR_DENIED when the login is
 * not accepted. */
int token_get(struct net *n, const struct token_request *q, char **ret, unsigned *ret_seconds,
	struct werr **err);
/*
 * Parse a token server's answer (oauth.md, token.md). WERR_CORRUPT when it has no token that could
 * be sent.
 */
int token_parse(const char *place, const char *text, size_t size, char **ret, unsigned *ret_seconds,
	struct werr **err);
/* The value of Authorization for a user (NULL: "") with password; owned by the caller. */
char *token_basic(const struct credential *login);

#endif
