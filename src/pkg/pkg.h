/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Component images: a directory with a build.yml (docs/pkg.md) becomes an image in the store. Its
 * content comes from files of the directory, from a build step on this machine, and from Debian
 * packages; or a builder (pkg/builder.h) makes it from a Dockerfile. It needs apt, and git for a
 * directory in a git repository, and the builder, each from PATH.
 */
#ifndef WHERRY_PKG_PKG_H
#define WHERRY_PKG_PKG_H

#include <stdbool.h>

#include "base/progress.h"
#include "pkg/pkg-options.h"
#include "store/store.h"

struct pkg_result {
	char *name;           /* "org/image:tag" */
	struct digest digest; /* of the manifest for the platform */
	uint64_t size;        /* of the layer as stored */
	bool was_cached;      /* it was in the store already */
	bool was_fetched;     /* it was not built, but fetched */
	struct strv packages; /* "name version" of each Debian package that files came from */
};
void pkg_result_cleanup(struct pkg_result *r);

/*
 * Build the package in directory dir for one platform and put it into the store under its tag,
 * beside other platforms of the tag, unless the store has it, or `fetch` gets it. WERR_UNSUPPORTED
 * when it has nothing to be built from, not even a Dockerfile; when that would need a builder that
 * is not there; or when it is not for this platform.
 */
int pkg_build(struct store *store, const char *dir, const struct pkg_options *options,
	const struct progress *progress, struct pkg_result *ret, struct werr **err);

#endif
