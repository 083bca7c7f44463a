/* SPDX-License-Identifier: Apache-2.0 */
/* The images of a package's `depends`, as archives in the context of its Dockerfile. */
#ifndef WHERRY_PKG_DOCKERFILE_DEPENDS_H
#define WHERRY_PKG_DOCKERFILE_DEPENDS_H

#include "pkg/dockerfile-build.h"

/*
 * Write what `docker load` reads into the directory `context`, at the places that build.yml says:
 * what is there is replaced, and no link is followed. What the store lacks is fetched. WERR_INVALID
 * for an image without a digest.
 */
int dockerfile_depends_write(
	const struct dockerfile_job *j, const char *context, struct werr **err);

#endif
