/* SPDX-License-Identifier: Apache-2.0 */
/* The images that a Dockerfile names, out of the store, for a builder that asks no registry. */
#ifndef WHERRY_PKG_DOCKERFILE_IMAGES_H
#define WHERRY_PKG_DOCKERFILE_IMAGES_H

#include "pkg/builder.h"
#include "pkg/dockerfile.h"
#include "pkg/pkg-options.h"
#include "store/store.h"

/* What the builder gets instead: each image once for each platform. */
struct dockerfile_bases {
	char **keys;            /* "NAME PLATFORM" of each, in full */
	struct digest *digests; /* of their manifests */
	size_t n, cap_keys, cap_digests;
	size_t *which; /* for each image of the Dockerfile: the number of its base */
};
void dockerfile_bases_cleanup(struct dockerfile_bases *b);

/*
 * Find each image in the store, for its platform or else `target`, and write it as an OCI layout
 * into `work` (builder_layout). What the store lacks is fetched by options->fetch. Errors have the
 * place in the file of this name.
 */
int dockerfile_bases_make(struct store *s, const struct pkg_options *options,
	const struct dockerfile *d, const struct platform *target, const char *work,
	const char *file, struct dockerfile_bases *ret, struct werr **err);
/* Find one image in the store, or fetch it; *ret: the digest of its manifest. */
int dockerfile_find_image(struct store *s, const struct pkg_options *options,
	const struct reference *ref, const struct platform *platform, struct digest *ret,
	struct werr **err);
/* The Dockerfile's text with the builder's names for these images; owned by the caller. */
char *dockerfile_bases_apply(const struct dockerfile_bases *bases, const struct dockerfile *d,
	const struct builder *b, const char *text, size_t size, size_t *ret_size);

#endif
