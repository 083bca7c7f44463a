/* SPDX-License-Identifier: Apache-2.0 */
/* A package's directory and the options of the command line: the name of its image. */
#ifndef WHERRY_PKG_PACKAGE_H
#define WHERRY_PKG_PACKAGE_H

#include "oci/reference.h"
#include "pkg/build-yml.h"
#include "pkg/pkg-list.h"
#include "pkg/pkg-options.h"

enum { PKG_YML_MAX = 1 << 20 }; /* bytes of build.yml */

struct pkg {
	struct pkg_yml *yml;
	char *yml_name;           /* name of build.yml, in dir */
	char *dir;                /* absolute */
	char *hash;               /* as in the default tag */
	bool hash_is_given;       /* by --hash or --dev: it says nothing of the files */
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

/*
 * Find what build.yml names outside of the directory: it must be in the package's git repository,
 * or installed with it. what: "extra source", for the error. *ret: its path without links, owned by
 * the caller. WERR_NOT_FOUND, WERR_INVALID.
 */
int pkg_find_beside(
	const struct pkg *p, const char *what, const char *path, char **ret, struct werr **err);

/*
 * Find the name "org/image:tag" of the package in directory dir; owned by the caller. WERR_INVALID
 * with a place for mistakes in build.yml (*err may be a list), WERR_NOT_FOUND when build.yml is
 * missing, or git, for a directory in a git repository.
 */
int pkg_tag(const char *dir, const struct pkg_options *options, char **ret, struct werr **err);
/*
 * The same for many directories: ret[i] (owned by the caller) or errs[i] is set, the other is NULL.
 */
void pkg_tags(
	const struct strv *dirs, const struct pkg_options *options, char **ret, struct werr **errs);

/*
 * Fill in a tag's template: "{{.Hash}}" becomes the hash. Nothing else of Go's templates is
 * supported.
 */
int pkg_fill_tag(const char *template, const char *hash, char **ret, struct werr **err);

#endif
