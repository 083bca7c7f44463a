/* SPDX-License-Identifier: Apache-2.0 */
/* What the command line says of a package: its name, and how it is built. */
#ifndef WHERRY_PKG_PKG_OPTIONS_H
#define WHERRY_PKG_PKG_OPTIONS_H

#include <stdbool.h>

#include "base/str.h"
#include "oci/platform.h"

struct reference;

/* Which image is fetched: that of the package, or one that its Dockerfile names. */
enum pkg_fetch { PKG_FETCH_RESULT, PKG_FETCH_BASE };

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
	/* Options, with their dashes, that only a Dockerfile's build heeds, or none; or NULL. */
	const char *for_dockerfile, *unheeded;
	/* Of a build from a Dockerfile; NULL and false: as by default. */
	const char *builder;    /* which of pkg/builder.h's table; default: the first usable */
	const char *dockerfile; /* instead of build.yml's */
	const struct strv *arg_files; /* with build arguments (pkg/dockerfile-args.h) */
	const struct strv *ssh;       /* as docker build has it */
	bool fetch_again;             /* the images that it names, even if the store has them */
	/*
	 * Called for an image that the store lacks; may be NULL. It fetches the image, or leaves
	 * the reason in *why, or neither when it is not to be fetched.
	 */
	void (*fetch)(const struct reference *ref, const struct platform *platform,
		enum pkg_fetch what, void *ctx, struct werr **why);
	void *ctx;
	/*
	 * Directories into which packages were installed together with their extra sources, outside
	 * of git; NULL: none.
	 */
	const struct strv *tops;
};

#endif
