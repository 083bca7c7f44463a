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

/*
 * The image as a tar, as `docker save` writes it; reading it can fail like any transfer. *ret is
 * NULL when the engine does not have the image, or not for this platform.
 */
int engine_open_image(struct net *n, const char *socket, const char *name,
	const struct platform *platform, struct reader **ret, struct werr **err);

/* Adds the names of its images, as it has them. */
int engine_list(struct net *n, const char *socket, struct strv *names, struct werr **err);

/*
 * The platform in the answer to GET /images/NAME/json (Docker Engine API); empty when it does not
 * say. WERR_CORRUPT when it is not JSON.
 */
int engine_parse(const char *text, size_t size, struct platform *ret, struct werr **err);
/* The same from the answer to GET /images/json. WERR_CORRUPT when it is not a list. */
int engine_parse_list(const char *text, size_t size, struct strv *names, struct werr **err);

#endif
