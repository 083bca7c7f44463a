/* SPDX-License-Identifier: Apache-2.0 */
/* A package's image from its Dockerfile, by a builder. */
#ifndef WHERRY_PKG_DOCKERFILE_BUILD_H
#define WHERRY_PKG_DOCKERFILE_BUILD_H

#include "pkg/package.h"
#include "store/store.h"

struct builder;

struct dockerfile_job {
	struct store *store;
	const struct pkg *package;
	const struct pkg_options *options;
	const struct platform *platform;
	const struct progress *progress;
	const struct builder *builder; /* set by dockerfile_check */
};

/*
 * Find the builder. WERR_UNSUPPORTED when there is no Dockerfile, or when no builder can be used.
 */
int dockerfile_check(struct dockerfile_job *j, struct werr **err);

/*
 * Build for one platform. The context is what pkg/snapshot.h copies. *ret is the manifest in the
 * store, without a name and with its platform, for the caller to clean up; the store is held.
 */
int dockerfile_build(const struct dockerfile_job *j, struct descriptor *ret, uint64_t *ret_size,
	struct werr **err);

#endif
