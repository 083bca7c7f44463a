/* SPDX-License-Identifier: Apache-2.0 */
/* Images in the storage of a local Docker or Podman, by Docker's API on a Unix socket. */
#ifndef WHERRY_NET_ENGINE_API_H
#define WHERRY_NET_ENGINE_API_H

#include "base/io.h"
#include "net/net.h"
#include "oci/platform.h"

/*
 * The socket: $DOCKER_HOST (unix://PATH), else the first there is of /var/run/docker.sock,
 * $XDG_RUNTIME_DIR/podman/podman.sock and /run/podman/podman.sock. *ret is owned by the caller.
 * WERR_NOT_FOUND when there is none.
 */
int engine_find(char **ret, struct werr **err);

/*
 * The image as the tar that `docker save` writes; reading it can fail as any transfer does. *ret is
 * NULL when the engine does not have the image, or not for this platform.
 */
int engine_open_image(struct net *n, const char *socket, const char *name,
	const struct platform *platform, struct reader **ret, struct werr **err);

/*
 * The platform in what GET /images/NAME/json answers (Docker Engine API); empty when it does not
 * say. WERR_CORRUPT when it is no JSON.
 */
int engine_parse(const char *text, size_t size, struct platform *ret, struct werr **err);

#endif
