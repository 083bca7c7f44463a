/* SPDX-License-Identifier: Apache-2.0 */
/* What the files about logins share. */
#ifndef WHERRY_NET_CREDENTIAL_IMPL_H
#define WHERRY_NET_CREDENTIAL_IMPL_H

#include "data/node.h"
#include "net/credential.h"

enum { AUTH_FILE_MAX = 1 << 20 };

/* ---- credential.c ---- */

/* The file that a login is written to; owned by the caller. */
int auth_file_path(char **ret, struct werr **err);
/*
 * The name of the helper for a registry; belongs to the document. NULL, as for an empty name: none.
 */
const char *auth_file_helper(const struct document *d, const char *registry);
/*
 * The login that the file itself has for a repository (may be NULL). False when its entry is not
 * understood: "auth" is not base64 of "user:password".
 */
bool auth_file_find(const struct document *d, const char *registry, const char *repository,
	struct credential *ret);
/* How much of "registry/repository" a key of "auths" covers, in bytes; 0: it is for something
 * else. */
size_t auth_key_covers(const char *key, const char *registry, const char *repository);
/* What Docker calls the registry in its file and to helpers. */
const char *auth_key_of(const char *registry);

/* ---- credential-helper.c ---- */

/* verb: "get" fills ret (and leaves it empty when there is none); "store" takes c; "erase" takes
 * neither. */
int helper_get(const char *helper, const char *registry, struct credential *ret, struct werr **err);
/* Parse what "get" prints. WERR_INVALID when it is not JSON. */
int helper_parse(const char *helper, const char *text, size_t size, struct credential *ret,
	struct werr **err);
int helper_store(
	const char *helper, const char *registry, const struct credential *c, struct werr **err);
int helper_erase(const char *helper, const char *registry, struct werr **err);

#endif
