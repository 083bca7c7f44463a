/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logins, as Docker's config.json and containers' auth.json keep them, or a program
 * docker-credential-NAME which one of these names. Searched are, in this order:
 * $REGISTRY_AUTH_FILE, $DOCKER_CONFIG/config.json (~/.docker),
 * $XDG_RUNTIME_DIR/containers/auth.json and $XDG_CONFIG_HOME/containers/auth.json (~/.config).
 */
#ifndef WHERRY_NET_CREDENTIAL_H
#define WHERRY_NET_CREDENTIAL_H

#include "base/error.h"
#include "base/str.h"

/* Either the first two, or one of the others; all NULL: there is none. */
struct credential {
	char *user, *password;
	char *identity_token; /* to be exchanged for an access token; user may be set beside it */
	char *registry_token; /* an access token */
};
void credential_cleanup(struct credential *c);
bool credential_is_empty(const struct credential *c);

/*
 * The login for a repository (may be NULL) of a registry. None is no error. Of a file, an entry or
 * a helper that can't be used the user is warned, for what is public is to be had all the same:
 * once for each text in `warned`, which grows. Fails only after Ctrl-C.
 */
int credential_find(const char *registry, const char *repository, struct strv *warned,
	struct credential *ret, struct werr **err);
/*
 * Keep user and password, in the first file of the list above that the environment names, else
 * Docker's, or with the helper that it names. *ret_where, owned by the caller, says where. The file
 * is replaced whole, with mode 0600.
 */
int credential_store(
	const char *registry, const struct credential *c, char **ret_where, struct werr **err);
/* WERR_NOT_FOUND when there is none. */
int credential_forget(const char *registry, char **ret_where, struct werr **err);

#endif
