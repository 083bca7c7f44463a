/* SPDX-License-Identifier: Apache-2.0 */
/* A package's image from its Dockerfile, by a builder. */
#ifndef WHERRY_PKG_DOCKERFILE_BUILD_H
#define WHERRY_PKG_DOCKERFILE_BUILD_H

#include "pkg/package.h"
#include "store/store.h"

/*
 * Whether it can be tried: WERR_UNSUPPORTED when there is no Dockerfile, when no builder can be
 * used, or when an option or a key is not supported.
 */
int dockerfile_check(const struct pkg *p, const struct pkg_options *options, struct werr **err);

/*
 * Build for one platform. The context is what pkg/snapshot.h copies. *ret is the manifest in the
 * store, without a name and with its platform, for the caller to clean up; the store is held.
 */
int dockerfile_build(struct store *s, const struct pkg *p, const struct pkg_options *options,
	const struct platform *platform, const struct progress *progress, struct descriptor *ret,
	uint64_t *ret_size, struct werr **err);

#endif
