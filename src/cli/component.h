/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs about component images share: their options, building one, and pushing it. */
#ifndef WHERRY_CLI_COMPONENT_H
#define WHERRY_CLI_COMPONENT_H

#include "cli/component-path.h"
#include "cli/context.h"
#include "oci/reference.h"
#include "pkg/pkg.h"

struct component_options {
	/* component_path_options */
	struct component_path_options packages;
	/* component_tag_options */
	const char *build_yml, *org, *tag, *hash, *hash_commit, *hash_path;
	bool dev, force_dirty;
	/* component_step_options */
	bool network, nonetwork, disable_cache, enable_cache;
	/* component_build_options */
	bool docker, force, pull;
	struct strv platforms, skip_platforms;
	/* component_push_options */
	bool nobuild, manifest, override;
	const char *release;
	/* For Dockerfiles, and what changes nothing; see there. */
	const char *builder, *dockerfile, *sbom_scanner, *ignored;
	bool ignore_cached, ignored_flag;
	struct strv build_arg_files, ssh;
};
/* They settle the package's tag. */
extern const struct option component_tag_options[];
/* How a build step runs. */
extern const struct option component_step_options[];
/* Of `pkg build`, and of `pkg push`, which builds first. */
extern const struct option component_build_options[], component_push_options[];

/* Options that exclude each other: WERR_USAGE. */
int component_check(const struct component_options *o, struct werr **err);
/* These options as pkg/ takes them, for this machine; the texts belong to o. */
struct pkg_options component_pkg_options(
	const struct context *ctx, const struct component_options *o);
/* What names a component image where the command line has no options for it: in "@pkg:". */
struct pkg_options component_default_options(const struct context *ctx);
/* Whether nobody can have published an image of this full name: it has our default organisation. */
bool component_is_unpublished(const struct reference *ref);

/* What component_fetch needs. */
struct component_fetching {
	const struct context *ctx;
	struct store *store;
	bool wanted;  /* images of packages; those that Dockerfiles name are always */
	bool offline; /* nothing is */
};
/* A `fetch` of pkg_options. */
void component_fetch(const struct reference *ref, const struct platform *platform,
	enum pkg_fetch what, void *ctx, struct werr **why);
/*
 * Build a package's image for all platforms that are asked for, and print the result.
 * *name, which all platforms share, is NULL or freed before it is set.
 */
int component_build(struct context *ctx, struct store *store, const char *operand,
	const struct component_options *o, char **name, struct werr **err);

/* ---- component-push.c ---- */

/*
 * The name of a release: the same repository with another tag. WERR_INVALID for an image of a
 * changed directory.
 */
int component_release(
	const struct reference *ref, const char *release, char **ret, struct werr **err);
/* Build all directories' images, and push each to its registry. dirs: NULL ends them. */
int component_push(struct context *ctx, const struct component_options *o, const char *const *dirs,
	struct werr **err);

#endif
