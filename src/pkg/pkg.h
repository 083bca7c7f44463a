/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Component images without Docker: a directory with a build.yml (docs/pkg.md) becomes an image in
 * the store. Its content comes from files of the directory, from a build step on this machine, and
 * from Debian packages. It needs apt for these, and git for a directory in a git repository, both
 * from PATH.
 */
#ifndef WHERRY_PKG_PKG_H
#define WHERRY_PKG_PKG_H

#include <stdbool.h>

#include "base/progress.h"
#include "oci/platform.h"
#include "store/store.h"

struct reference;

enum pkg_network { PKG_NETWORK_AS_SAID, PKG_NETWORK_ON, PKG_NETWORK_OFF };

/* Options of the command line; all zero is the default. NULL: as in build.yml, or the default. */
struct pkg_options {
	const char *build_yml;   /* file name inside the directory; default "build.yml" */
	const char *org;         /* instead of build.yml's */
	const char *tag;         /* template: "{{.Hash}}" becomes the hash */
	const char *hash;        /* instead of asking git */
	const char *hash_commit; /* default "HEAD" */
	const char *hash_path;   /* the package's directory or one above it, to be hashed instead */
	bool dev;                /* org is the user's name, and the hash is "dev" */
	bool force_dirty;        /* the hash ends with "-dirty-..." even without changes */
	bool force;              /* build even what is in the store already */
	const char *arch;        /* "amd64", "arm64"...: to build for; default: this machine's */
	const char *default_org; /* of a build.yml that names none; default "wherry" */
	bool linuxkit_dirty;     /* count the digits after "-dirty-" as LinuxKit does */
	enum pkg_network network; /* of the build step, instead of what build.yml says */
	bool no_kept_step;        /* run the build step even if its results were kept */
	/* An option, with its dashes, that only a Dockerfile's build could heed. */
	const char *for_dockerfile;
	/*
	 * Called for an image that the store lacks; may be NULL. It fetches the image, or leaves
	 * the reason in *why, or neither when it is not to be fetched.
	 */
	void (*fetch)(const struct reference *ref, const struct platform *platform, void *ctx,
		struct werr **why);
	void *ctx;
	/*
	 * Directories into which packages were installed together with their extra sources, outside
	 * of git; NULL: none.
	 */
	const struct strv *tops;
};

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
 * when it would need a Dockerfile, or is not for this platform.
 */
int pkg_build(struct store *store, const char *dir, const struct pkg_options *options,
	const struct progress *progress, struct pkg_result *ret, struct werr **err);

#endif
