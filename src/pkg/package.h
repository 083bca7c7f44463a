/* SPDX-License-Identifier: Apache-2.0 */
/* A package's folder with what the command line says: the name of its image. */
#ifndef WHERRY_PKG_PACKAGE_H
#define WHERRY_PKG_PACKAGE_H

#include "oci/reference.h"
#include "pkg/build-yml.h"
#include "pkg/pkg.h"

struct pkg {
	struct pkg_yml *yml;
	char *yml_name; /* of build.yml, in dir */
	char *dir;      /* absolute */
	char *hash;     /* as in the default tag */
	bool listed;    /* it is git's, so that what git ignores is not part of the package */
	char *name;     /* "org/image:tag" */
	struct reference reference;
};

/* Read build.yml and find the hash and the name. */
int pkg_open(
	const char *dir, const struct pkg_options *options, struct pkg **ret, struct werr **err);
void pkg_free(struct pkg *p);
DEFINE_CLEANUP(struct pkg *, pkg_free, pkg)

/* A tag's template filled in: "{{.Hash}}" is the hash. Nothing else of Go's templates is known. */
int pkg_fill_tag(const char *template, const char *hash, char **ret, struct werr **err);

#endif
