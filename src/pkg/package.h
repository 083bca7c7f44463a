/* SPDX-License-Identifier: Apache-2.0 */
/* A package's directory and the options of the command line: the name of its image. */
#ifndef WHERRY_PKG_PACKAGE_H
#define WHERRY_PKG_PACKAGE_H

#include "oci/reference.h"
#include "pkg/build-yml.h"
#include "pkg/pkg.h"
#include "pkg/pkg-list.h"

struct pkg {
	struct pkg_yml *yml;
	char *yml_name;           /* name of build.yml, in dir */
	char *dir;                /* absolute */
	char *hash;               /* as in the default tag */
	enum pkg_listing listing; /* which files it consists of */
	bool in_git;
	char *top;  /* absolute: its extra sources must be below; NULL: it may have none */
	char *name; /* "org/image:tag" */
	struct reference reference;
};

/* Read build.yml and find the hash and the name. */
int pkg_open(
	const char *dir, const struct pkg_options *options, struct pkg **ret, struct werr **err);
void pkg_free(struct pkg *p);
DEFINE_CLEANUP(struct pkg *, pkg_free, pkg)

/* Extra sources (real: without links) must be in the package's git repository, or installed with
 * it. */
int pkg_check_extra(const struct pkg *p, const char *real, struct werr **err);

/*
 * Fill in a tag's template: "{{.Hash}}" becomes the hash. Nothing else of Go's templates is
 * supported.
 */
int pkg_fill_tag(const char *template, const char *hash, char **ret, struct werr **err);

#endif
