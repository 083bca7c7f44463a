/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logins, as kept in Docker's config.json and Podman's auth.json, or by a program
 * docker-credential-NAME that one of these names. They are searched in this order:
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
	char *identity_token; /* to be exchanged for an access token; user may be set as well */
	char *registry_token; /* an access token */
};
void credential_cleanup(struct credential *c);
bool credential_is_empty(const struct credential *c);

/*
 * The login for a repository (may be NULL) of a registry. It is not an error if there is none. A
 * file, an entry or a helper that can't be used causes a warning, since public images need no
 * login: one for each text, which is added to `warned`. Fails only after Ctrl-C.
 */
int credential_find(const char *registry, const char *repository, struct strv *warned,
	struct credential *ret, struct werr **err);
/*
 * Keep user and password in the first file of the list above that the environment names, else in
 * Docker's, or with the helper that this file names. *ret_where, owned by the caller, says where.
 * The file is replaced whole, with mode 0600.
 */
int credential_store(
	const char *registry, const struct credential *c, char **ret_where, struct werr **err);
/* WERR_NOT_FOUND when there is none. */
int credential_forget(const char *registry, char **ret_where, struct werr **err);

#endif
