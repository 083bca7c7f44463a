/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Component images without Docker: a folder with a build.yml (docs/pkg.md) becomes an image in the
 * store. What goes in comes from files of the folder, from a build step on this machine, and from
 * Debian packages. Needs git for the hash and apt for the packages; both are found in PATH.
 */
#ifndef WHERRY_PKG_PKG_H
#define WHERRY_PKG_PKG_H

#include <stdbool.h>

#include "base/progress.h"
#include "store/store.h"

/* What the command line says; all zero is the default. NULL: as build.yml says, or the default. */
struct pkg_options {
	const char *build_yml;   /* file name inside the folder; default "build.yml" */
	const char *org;         /* instead of build.yml's */
	const char *tag;         /* template: "{{.Hash}}" becomes the hash */
	const char *hash;        /* instead of asking git */
	const char *hash_commit; /* default "HEAD" */
	const char *hash_path;   /* a folder at or above the package, hashed in its place */
	bool dev;                /* org is the user's name and the hash "dev" */
	bool force_dirty;        /* the hash ends with "-dirty-..." even when nothing was changed */
	bool force;              /* build also what is in the store already */
	const char *arch; /* "amd64", "arm64"...: what to build for; default this machine's */
};

/*
 * "org/image:tag" of the package in folder dir; owned by the caller. WERR_INVALID with a place for
 * mistakes in build.yml (*err may be a list), WERR_NOT_FOUND when there is no build.yml, no git, or
 * git doesn't know the folder.
 */
int pkg_tag(const char *dir, const struct pkg_options *options, char **ret, struct werr **err);
/* The same for many folders, by default options: ret[i] (owned by the caller) or errs[i] is set,
 * the other is NULL. */
void pkg_tags(const struct strv *dirs, char **ret, struct werr **errs);

struct pkg_result {
	char *name;           /* "org/image:tag" */
	struct digest digest; /* of the manifest for the platform */
	uint64_t size;        /* of the layer as it is stored */
	bool was_cached;      /* it was in the store and nothing was done */
	struct strv packages; /* "name version" of each Debian package that files came from */
};
void pkg_result_cleanup(struct pkg_result *r);

/*
 * Build the package in folder dir for one platform and put it into the store under its tag, next to
 * the platforms that the tag has already. WERR_UNSUPPORTED when it would need a Dockerfile, or
 * isn't meant for the platform.
 */
int pkg_build(struct store *store, const char *dir, const struct pkg_options *options,
	const struct progress *progress, struct pkg_result *ret, struct werr **err);

#endif
