/* SPDX-License-Identifier: Apache-2.0 */
/* Registries: OCI's distribution-spec, and its predecessor, version 2 of Docker's API. */
#ifndef WHERRY_NET_REGISTRY_H
#define WHERRY_NET_REGISTRY_H

#include "base/io.h"
#include "net/credential.h"
#include "net/http.h"
#include "net/net.h"
#include "oci/manifest.h"
#include "oci/reference.h"

/* One repository, at its registry or at a mirror. Any number of threads may use it at once. */
struct remote;
struct remotes {
	struct remote **items;
	size_t n;
};

/* Where an image may be pulled from: mirrors, in the order of the options, then the registry. */
int remotes_open(
	struct net *n, const struct reference *ref, struct remotes *ret, struct werr **err);
void remotes_cleanup(struct remotes *r);
/* The registry alone, for pushing. */
int remote_open(struct net *n, const struct reference *ref, struct remote **ret, struct werr **err);
void remote_free(struct remote *r);
DEFINE_CLEANUP(struct remote *, remote_free, remote)
/* "docker.io", "mirror.example:5000": for messages. */
const char *remote_host(const struct remote *r);
/* Busy or silent mirrors are not waited for; wait for this one from now on. */
void remote_be_patient(struct remote *r);

/* ---- pulling ---- */

struct remote_manifest {
	char *text; /* NUL-terminated */
	size_t size;
	char *media_type;     /* as the registry says, or NULL */
	struct digest digest; /* of text */
};
void remote_manifest_cleanup(struct remote_manifest *m);

/*
 * The manifest or index of a tag or digest. With expected (may be NULL) no more than its size is
 * read, and WERR_CORRUPT says that it has another size or digest. At most MANIFEST_SIZE_MAX bytes.
 */
int remote_get_manifest(struct remote *r, const char *name, const struct descriptor *expected,
	struct remote_manifest *ret, struct werr **err);
/*
 * The digest of a tag's manifest as the registry says, without the manifest, since some registries
 * limit how many of these they send. It may only be used for a comparison with what is already
 * here. WERR_UNSUPPORTED when the registry does not say.
 */
int remote_ask_digest(struct remote *r, const char *name, struct digest *ret, struct werr **err);
/*
 * A blob's d->size bytes, neither less nor more (WERR_CORRUPT); cut connections are resumed. The
 * caller has to check the digest. moved (may be NULL) is told how many bytes there are so far.
 */
int remote_get_blob(struct remote *r, const struct descriptor *d, struct writer *to,
	void (*moved)(void *ctx, uint64_t bytes), void *ctx, struct werr **err);

/*
 * The same from one of d->urls. An image must not be able to send us to this machine, nor to plain
 * HTTP, any more than a redirect by its registry (url_follow).
 */
int remote_get_foreign(struct remote *r, const struct descriptor *d, const char *url,
	struct writer *to, void (*moved)(void *ctx, uint64_t bytes), void *ctx, struct werr **err);

/* ---- pushing ---- */

int remote_has_blob(struct remote *r, const struct descriptor *d, bool *ret, struct werr **err);
/* Ask it to take a blob from another repository of the same registry; *ret: it did. */
int remote_mount_blob(struct remote *r, const struct descriptor *d, const char *from, bool *ret,
	struct werr **err);
/*
 * Send a blob; blob->size is d->size. After a failure it goes on with what the registry does not
 * have yet. moved (may be NULL) is told, by another thread, how much of it has gone so far.
 */
int remote_put_blob(struct remote *r, const struct descriptor *d, const struct http_source *blob,
	void (*moved)(void *ctx, uint64_t bytes), void *ctx, struct werr **err);
/* name: a tag or digest. */
int remote_put_manifest(struct remote *r, const char *name, const char *media_type,
	const char *text, size_t size, struct werr **err);

/* ---- logging in ---- */

/* registry: as in the name of an image. WERR_DENIED when it does not accept the login. */
int registry_check_login(
	struct net *n, const char *registry, const struct credential *login, struct werr **err);

#endif
