/* SPDX-License-Identifier: Apache-2.0 */
/* An image's name: distribution-spec "Pulling manifests", and Docker's rules for short names. */
#ifndef WHERRY_OCI_REFERENCE_H
#define WHERRY_OCI_REFERENCE_H

#include "oci/digest.h"

struct reference {
	char *text;       /* as written */
	char *name;       /* in full: "docker.io/library/redis:latest", "...@sha256:..." */
	char *registry;   /* "docker.io", "localhost:5000" */
	char *repository; /* "library/redis" */
	char *tag;        /* "latest", or NULL when only a digest was given */
	char *digest;     /* "sha256:..." or "sha512:...", or NULL */
};

/*
 * Parse "redis", "linuxkit/init:v1", "host:5000/a/b@sha256:...", "a:tag@sha256:...". Short names
 * are expanded: the registry is docker.io unless the first part has a '.' or ':' or is "localhost";
 * on docker.io a name of one part is in library/; the tag is "latest" unless a tag or digest is
 * given. WERR_INVALID says what is wrong.
 */
int reference_parse(const char *text, struct reference *ret, struct werr **err);
void reference_copy(const struct reference *r, struct reference *ret);
/* Make a reference to the image with a digest in the same repository. */
void reference_with_digest(
	const struct reference *r, const struct digest *digest, struct reference *ret);
/* Free the members and leave an empty reference. */
void reference_cleanup(struct reference *r);
/*
 * Expand a short name as registries use it ("docker.io/library/redis"), with a tag only if it has
 * one, as LinuxKit names images. A text that is not a reference is returned unchanged. Owned by the
 * caller.
 */
char *reference_expand(const char *text);
/*
 * Parse a registry alone, as it precedes an image's name, or its URL, as given in an option. *ret
 * is owned by the caller. WERR_USAGE.
 */
int reference_parse_registry(const char *text, char **ret, struct werr **err);

#endif
