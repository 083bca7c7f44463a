/* SPDX-License-Identifier: Apache-2.0 */
/* Images in the storage of a local Docker or Podman, through Docker's API on a Unix socket. */
#ifndef WHERRY_NET_ENGINE_API_H
#define WHERRY_NET_ENGINE_API_H

#include "base/io.h"
#include "base/str.h"
#include "net/net.h"
#include "oci/platform.h"

/*
 * The socket: $DOCKER_HOST (unix://PATH), else the first that exists of /var/run/docker.sock,
 * $XDG_RUNTIME_DIR/podman/podman.sock and /run/podman/podman.sock. *ret is owned by the caller.
 * WERR_NOT_FOUND when there is none.
 */
int engine_find(char **ret, struct werr **err);

/* What an engine has under a name. */
struct engine_image {
	struct platform platform; /* empty when it does not say */
	char *id;                 /* the digest of its configuration or manifest; or NULL */
};
void engine_image_cleanup(struct engine_image *i);

/* *ret_there: whether it has the image for this platform; only then *ret is filled. */
int engine_look(struct net *n, const char *socket, const char *name,
	const struct platform *platform, bool *ret_there, struct engine_image *ret,
	struct werr **err);
/*
 * The image as a tar, as `docker save` writes it; reading it can fail like any transfer.
 * WERR_NOT_FOUND when it does not have the image.
 */
int engine_open_image(struct net *n, const char *socket, const char *name, struct reader **ret,
	struct werr **err);

/* Adds the names of its images, as it has them. */
int engine_list(struct net *n, const char *socket, struct strv *names, struct werr **err);

/*
 * The answer to GET /images/NAME/json (Docker Engine API). WERR_CORRUPT when it is not JSON.
 */
int engine_parse(const char *text, size_t size, struct engine_image *ret, struct werr **err);
/* The same from the answer to GET /images/json. WERR_CORRUPT when it is not a list. */
int engine_parse_list(const char *text, size_t size, struct strv *names, struct werr **err);

#endif
